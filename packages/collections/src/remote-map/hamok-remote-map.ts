import { MessageType, StorageKind } from '@hamok/messages';
import { isObject, iterable, pairs } from '../arguments.js';
import { callListeners } from '../call-listeners.js';
import type { Collection, CollectionContext } from '../collection.js';
import { CollectionEmitter } from '../collection-emitter.js';
import {
  BadSnapshotError,
  ClosedError,
  codeOf,
  HamokError,
  IndeterminateError,
  OptionError,
  StorageFailedError,
} from '../errors.js';
import { type BatchItem, submitBatch } from '../map/map-batch.js';
import type { BatchOptions } from '../map/map-options.js';
import {
  decodeOutcome,
  decodePairs,
  isDone,
  mergeMaps,
  mergeSets,
  outcomeAt,
  soleOutcome,
} from '../map/map-results.js';
import type { CallOptions } from '../session/call.js';
import { type Accepted, StorageClient } from '../storage-client.js';
import { ChangeDuty } from './change-duty.js';
import { changeMaker } from './change-maker.js';
import { isFailure } from './change-outcome.js';
import { RemoteMapClient } from './remote-map-client.js';
import { RemoteMapCodecs } from './remote-map-codecs.js';
import { RemoteMapEvents } from './remote-map-events.js';
import type {
  HamokRemoteMapEvents,
  HamokRemoteMapOptions,
  HamokRemoteMapSnapshot,
  RemoteStorage,
} from './remote-map-options.js';
import { type RemoteMapNote, RemoteMapState } from './remote-map-state.js';
import { remoteStorage } from './remote-storage.js';

/**
 * A map whose entries are in a database that all members of the grid use.
 *
 * Reads go to the database. Changes are ordered by the grid, made by its leader one after another, and answered when that has been done;
 * those of one member are made in the order of its calls, and a batch is one change. What a leader that is lost had begun is gone on
 * with by the next one: a change is made at least once, and once where the storage has transactions (`TransactionalStorage`).
 *
 * Every change rejects with a `HamokError`: `closed`, `busy` (also where too many changes wait for the leader), `too-large`, `codec`
 * and `not-committed` (nothing was changed), `storage-kind`, `storage-failed` (what the storage said is its message),
 * `indeterminate` (the wait ended first). While the database is not to be reached, changes wait for it: those whose callers have
 * ceased to wait are made when it is back.
 *
 * Events fire on every member, in the order of the changes. A member that catches up through a snapshot gets none for what it skips.
 */
export class HamokRemoteMap<K, V> extends CollectionEmitter<HamokRemoteMapEvents<K, V>> implements Collection {
  readonly id: string;
  readonly kind = StorageKind.REMOTE_MAP;
  /** Resolves when the grid knows this map. Never rejects unhandled. */
  readonly ready: Promise<this>;
  /** What was passed as such. */
  readonly remoteMap: HamokRemoteMapOptions<K, V>['remoteMap'];
  /** By which this member, while it leads, compares what is in the database with what a change expects. Default: encoded bytes. */
  equalValues: (a: V, b: V) => boolean;
  /** Whether this facade emits `insert`, `update`, `remove` and `clear`. */
  emitEvents: boolean;
  readonly #context: CollectionContext;
  readonly #client: StorageClient;
  readonly #changes: RemoteMapClient;
  readonly #options: HamokRemoteMapOptions<K, V>;
  readonly #codecs: RemoteMapCodecs<K, V>;
  readonly #storage: RemoteStorage<K, V>;
  readonly #events: RemoteMapEvents<K, V>;
  readonly #duty: ChangeDuty;
  readonly #detach: readonly (() => void)[];
  #state: RemoteMapState | undefined;

  /** For `Collections`, which makes the remote maps. */
  constructor(context: CollectionContext, options: HamokRemoteMapOptions<K, V>) {
    super();
    const { mapId, remoteMap, requestTimeoutInMs, storageTimeoutInMs = 30_000 } = options;
    if (!(storageTimeoutInMs > 0)) throw new OptionError('storageTimeoutInMs', 'must be a number above 0');
    if (options.equalValues !== undefined && typeof options.equalValues !== 'function')
      throw new OptionError('equalValues', 'must be a function');
    this.id = mapId;
    this.remoteMap = remoteMap;
    this.emitEvents = options.emitEvents ?? options.noEvents !== true;
    this.#codecs = new RemoteMapCodecs(options);
    this.#storage = remoteStorage(remoteMap, this.#codecs);
    this.equalValues = options.equalValues ?? ((a, b) => this.#codecs.encodeEqually(a, b));
    this.#context = context;
    this.#options = options;
    this.#client = new StorageClient(context, mapId, this.kind, requestTimeoutInMs);
    this.#changes = new RemoteMapClient(this.#client, context.clock);
    this.#events = new RemoteMapEvents(mapId, this, this.#codecs, context.onError);
    this.#duty = new ChangeDuty({
      mapId,
      clock: context.clock,
      self: context.self,
      propose: context.propose,
      partBytes: this.#client.batchBytes,
      storageTimeoutInMs,
      maker: changeMaker(mapId, this.#storage, this.#codecs, (a, b) => this.equalValues(a, b)),
      onError: context.onError,
    });
    this.#detach = [
      context.state.observe(mapId, (state) => this.#attach(state instanceof RemoteMapState ? state : undefined)),
      context.state.onLeading((term) => this.#duty.leading(term)),
    ];
    this.ready = this.#client.open().then(() => this);
    this.ready.catch(() => undefined);
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  get(key: K): Promise<V | undefined> {
    return this.#read(() => this.#storage.get(key));
  }

  /** The entries of those keys that are taken. */
  getAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>> {
    return this.#read(() => this.#storage.getAll(iterable('keys', keys)));
  }

  async has(key: K): Promise<boolean> {
    return (await this.get(key)) !== undefined;
  }

  keys(): Promise<IterableIterator<K>> {
    return this.#read(async () => (await this.#storage.keys()).values());
  }

  size(): Promise<number> {
    return this.#read(() => this.#storage.size());
  }

  async isEmpty(): Promise<boolean> {
    return (await this.size()) === 0;
  }

  /** The entries, each once, in no particular order. What changes meanwhile may or may not be seen. */
  async *iterator(): AsyncIterableIterator<[K, V]> {
    if (this.closed) throw this.#closedError();
    try {
      for await (const [key, value] of this.#storage) yield [key, value];
    } catch (error) {
      throw unread(error);
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<[K, V]> {
    return this.iterator();
  }

  /** Resolves with the value that the key had before. */
  set(key: K, value: V, options?: CallOptions): Promise<V | undefined> {
    return this.#write(MessageType.UPDATE_ENTRIES_REQUEST, key, value, options);
  }

  /** Resolves with the values that the keys had before. */
  setAll(entries: Iterable<readonly [K, V]>, options?: BatchOptions): Promise<ReadonlyMap<K, V>> {
    return this.#writeAll(MessageType.UPDATE_ENTRIES_REQUEST, entries, options);
  }

  /** Writes where the key is not taken. Resolves with the value that is there already, or undefined when it was inserted. */
  insert(key: K, value: V, options?: CallOptions): Promise<V | undefined> {
    return this.#write(MessageType.INSERT_ENTRIES_REQUEST, key, value, options);
  }

  /** Writes those whose keys are not taken. Resolves with the entries that were there already. */
  insertAll(entries: Iterable<readonly [K, V]>, options?: BatchOptions): Promise<ReadonlyMap<K, V>> {
    return this.#writeAll(MessageType.INSERT_ENTRIES_REQUEST, entries, options);
  }

  /** Resolves with whether there was something to delete. */
  delete(key: K, options?: CallOptions): Promise<boolean> {
    return this.#change(MessageType.DELETE_ENTRIES_REQUEST, key, options);
  }

  /** Resolves with the keys that were deleted. */
  deleteAll(keys: Iterable<K>, options?: BatchOptions): Promise<ReadonlySet<K>> {
    const read = (items: readonly BatchItem<K>[], outcomes: Accepted): ReadonlySet<K> =>
      new Set(items.filter((_, at) => outcomeAt(outcomes, at) !== undefined).map(({ key }) => key));
    return this.#removeAll(MessageType.DELETE_ENTRIES_REQUEST, keys, read, mergeSets<K>, options);
  }

  /** Resolves with whether there was something to remove. */
  remove(key: K, options?: CallOptions): Promise<boolean> {
    return this.#change(MessageType.REMOVE_ENTRIES_REQUEST, key, options);
  }

  /** Resolves with the entries that were removed. */
  removeAll(keys: Iterable<K>, options?: BatchOptions): Promise<ReadonlyMap<K, V>> {
    return this.#removeAll(MessageType.REMOVE_ENTRIES_REQUEST, keys, this.#readPairs, mergeMaps<K, V>, options);
  }

  /**
   * Writes `value` if the key holds `oldValue` when the leader makes the change. Resolves with whether it did. Who writes to the database
   * without the grid may come between, unless the storage has transactions.
   */
  updateIf(key: K, value: V, oldValue: V, options?: CallOptions): Promise<boolean> {
    const command = () => ({
      type: MessageType.UPDATE_ENTRIES_REQUEST,
      keys: [this.#codecs.encodeKey(key)],
      values: [this.#codecs.encodeValue(value)],
      prevValue: this.#codecs.encodeValue(oldValue),
    });
    return this.#changes.change(command, isDone, options);
  }

  /** Removes the key if it holds `oldValue` when the leader makes the change. Resolves with whether it did. */
  removeIf(key: K, oldValue: V, options?: CallOptions): Promise<boolean> {
    const command = () => ({
      type: MessageType.REMOVE_ENTRIES_REQUEST,
      keys: [this.#codecs.encodeKey(key)],
      prevValue: this.#codecs.encodeValue(oldValue),
    });
    return this.#changes.change(command, isDone, options);
  }

  clear(options?: CallOptions): Promise<void> {
    const nothing = (): void => undefined;
    return this.#changes.change(() => ({ type: MessageType.CLEAR_ENTRIES_REQUEST }), nothing, options);
  }

  /** How far the grid has come. The entries are in the database, and stay there. */
  export(): HamokRemoteMapSnapshot {
    return { mapId: this.id, appliedCommitIndex: this.#state?.appliedIndex ?? -1 };
  }

  /**
   * Has no effect, for the entries are in the database.
   *
   * @throws BadSnapshotError for what `export` does not give, or where it is of a map with another id
   */
  import(snapshot: HamokRemoteMapSnapshot): void {
    if (!isObject(snapshot) || snapshot.mapId !== this.id || !Number.isSafeInteger(snapshot.appliedCommitIndex))
      throw new BadSnapshotError(`not the progress of the remote map "${this.id}"`);
  }

  /** Detaches this facade; changes that were called for are still made, by a leader that shows the map. The storage stays open. */
  close(): void {
    if (this.#client.closed) return;
    this.#client.closed = true;
    this.#duty.close();
    for (const detach of this.#detach) detach();
    if (this.#state !== undefined) this.#state.observer = undefined;
    this.#changes.end(() => this.#closedError(true));
    this.#context.onClose(this);
    callListeners(this.id, 'close', this.#context.onError, () => this.emit('close'));
    this.removeAllListeners();
  }

  #attach(state: RemoteMapState | undefined): void {
    this.#state = state;
    if (state !== undefined) state.observer = (note) => this.#take(note);
    this.#changes.restored(state);
    this.#duty.attach(state);
  }

  #take(note: RemoteMapNote): void {
    if (note.type === 'accepted') return this.#duty.notice();
    if (note.type === 'members') return this.#endUnlessMember();
    const { change, outcome } = note;
    if (this.emitEvents && !isFailure(outcome)) this.#events.tell(change, outcome);
    this.#changes.tell(change, outcome);
  }

  /** Who left the grid does not hear what becomes of its changes. */
  #endUnlessMember(): void {
    const { state, self } = this.#context;
    if (!state.isMember(self())) this.#changes.end(() => new IndeterminateError('this member has left the grid'));
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    if (this.closed) throw this.#closedError();
    try {
      return await read();
    } catch (error) {
      throw unread(error);
    }
  }

  #closedError(mayHaveHappened = false): ClosedError {
    return new ClosedError(`"${this.id}"`, mayHaveHappened);
  }

  #write(type: MessageType, key: K, value: V, options: CallOptions | undefined): Promise<V | undefined> {
    const command = () => ({
      type,
      keys: [this.#codecs.encodeKey(key)],
      values: [this.#codecs.encodeValue(value)],
    });
    return this.#changes.change(
      command,
      (outcomes) => decodeOutcome(soleOutcome(outcomes), this.#decodeValue),
      options,
    );
  }

  #change(type: MessageType, key: K, options: CallOptions | undefined): Promise<boolean> {
    return this.#changes.change(() => ({ type, keys: [this.#codecs.encodeKey(key)] }), isDone, options);
  }

  #writeAll(
    type: MessageType,
    entries: Iterable<readonly [K, V]>,
    options: BatchOptions | undefined,
  ): Promise<ReadonlyMap<K, V>> {
    const items = () =>
      this.#codecs.distinct(
        pairs('entries', entries).map(([key, value]) => ({
          key,
          encoded: [this.#codecs.encodeKey(key), this.#codecs.encodeValue(value)],
        })),
        type === MessageType.INSERT_ENTRIES_REQUEST,
      );
    const batch = { command: () => ({ type }), withValues: true, items, read: this.#readPairs, merge: mergeMaps<K, V> };
    return submitBatch(this.#changes, this.#options, batch, options);
  }

  #removeAll<R>(
    type: MessageType,
    keys: Iterable<K>,
    read: (items: readonly BatchItem<K>[], outcomes: Accepted) => R,
    merge: (results: readonly R[]) => R,
    options: BatchOptions | undefined,
  ): Promise<R> {
    const items = () =>
      this.#codecs.distinct(
        Array.from(iterable('keys', keys), (key) => ({
          key,
          encoded: [this.#codecs.encodeKey(key), noValue] as const,
        })),
      );
    return submitBatch(
      this.#changes,
      this.#options,
      { command: () => ({ type }), withValues: false, items, read, merge },
      options,
    );
  }

  readonly #decodeValue = (bytes: Uint8Array): V => this.#codecs.decodeValue(bytes);

  readonly #readPairs = (items: readonly BatchItem<K>[], outcomes: Accepted): ReadonlyMap<K, V> =>
    decodePairs(items, outcomes, this.#decodeValue);
}

function unread(error: unknown): HamokError {
  if (error instanceof HamokError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StorageFailedError(`the storage did not answer: ${message}`, codeOf(error) ?? 'unknown', false, error);
}

const noValue = new Uint8Array(0);

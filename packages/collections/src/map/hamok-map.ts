import { MessageType, StorageKind } from '@hamok/messages';
import { codecOr, iterable, pairs } from '../arguments.js';
import type { BaseMap } from '../base-map/base-map.js';
import { BaseMapView } from '../base-map/base-map-view.js';
import { textsCodec } from '../bytes/texts.js';
import { callListeners } from '../call-listeners.js';
import { createJsonCodec, type HamokCodec } from '../codec.js';
import type { Collection, CollectionContext } from '../collection.js';
import { CollectionEmitter } from '../collection-emitter.js';
import { ClosedError, type HamokError, OptionError } from '../errors.js';
import type { MapChange } from '../replicated/map-slot.js';
import { absent, MapState } from '../replicated/map-state.js';
import type { Result } from '../replicated/result.js';
import type { CallOptions } from '../session/call.js';
import { type Accepted, StorageClient } from '../storage-client.js';
import { openWith, submitEntries } from '../submit-entries.js';
import { type BatchItem, submitBatch } from './map-batch.js';
import { MapEvents } from './map-events.js';
import type {
  BatchOptions,
  HamokMapChange,
  HamokMapEntry,
  HamokMapEvents,
  HamokMapOptions,
  HamokMapSnapshot,
  ReadOptions,
  WatchOptions,
  WriteAllOptions,
  WriteOptions,
} from './map-options.js';
import { decodeOutcome, decodePairs, isDone, mergeMaps, mergeSets, outcomeAt, soleOutcome } from './map-results.js';
import { type EncodedEntry, fromMapSnapshot, toMapSnapshot } from './map-snapshot.js';
import { MapView } from './map-view.js';
import { MapWatches } from './map-watches.js';
import { ttlOf } from './ttl.js';

/**
 * A map that every member of the grid holds.
 *
 * Reads are local and synchronous, and give the cached decoded value: treat it as read-only. Changes are ordered by the grid,
 * and answered once they can be read here; those of one member are made in the order of its calls. A batch is one atomic change.
 * Keys are the same when their encoded bytes are, and so are the values that `updateIf` and `removeIf` compare.
 *
 * Every change rejects with a `HamokError`: `closed`, `busy`, `too-large`, `codec` and `not-committed` (nothing was changed),
 * `storage-kind` (the id is not a map), `indeterminate` (the wait ended first, see `CallOptions`).
 *
 * Events fire on every member, in the order of the changes, after the state has changed. A member that catches up through a
 * snapshot gets none for what the snapshot holds.
 */
export class HamokMap<K, V> extends CollectionEmitter<HamokMapEvents<K, V>> implements Collection {
  /** Encoded keys or values as the texts of a snapshot, and back. For programs of 2.6. */
  static readonly uint8ArrayToStringCodec: HamokCodec<Uint8Array[], string[]> = textsCodec;
  readonly id: string;
  readonly kind = StorageKind.MAP;
  /** Resolves when the grid knows this map, its initial content included. Never rejects unhandled. */
  readonly ready: Promise<this>;
  /** For comparisons that the program makes; by default of the JSON forms. What the grid compares is encoded bytes. */
  equalValues: (a: V, b: V) => boolean;
  /** What this member holds, for programs of 2.6 that read it there. */
  readonly baseMap: BaseMap<K, V> = new BaseMapView<K, V>(() => this);
  readonly #context: CollectionContext;
  readonly #client: StorageClient;
  readonly #view: MapView<K, V>;
  readonly #watches: MapWatches<K, V>;
  readonly #options: HamokMapOptions<K, V>;
  readonly #onChange: (change: MapChange) => void;
  readonly #detach: () => void;

  /** For `Collections`, which makes the maps. */
  constructor(context: CollectionContext, options: HamokMapOptions<K, V>) {
    super();
    this.id = options.mapId;
    this.equalValues = options.equalValues ?? ((a, b) => JSON.stringify(a) === JSON.stringify(b));
    this.#context = context;
    this.#client = new StorageClient(context, this.id, this.kind, options.requestTimeoutInMs);
    this.#view = new MapView(
      codecOr('keyCodec', options.keyCodec, createJsonCodec<K>),
      codecOr('valueCodec', options.valueCodec, createJsonCodec<V>),
    );
    this.#watches = new MapWatches(context.state, this.#view, options);
    this.#options = options;
    const initial = this.#encodeEntries(options.baseMap ?? []);
    const events = new MapEvents(this.id, this, this.#view, context.onError);
    this.#onChange = (change) => {
      if (change.type !== 'insert' && change.type !== 'update') this.#view.sweep();
      this.#watches.add(change);
      events.tell(change);
    };
    this.#detach = context.state.observe(this.id, (state, missedUpTo) => {
      this.#attach(state instanceof MapState && state.kind === this.kind ? state : undefined);
      if (missedUpTo !== undefined) this.#watches.missed(missedUpTo);
    });
    this.ready = this.#open(initial);
    this.ready.catch(() => undefined);
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  get size(): number {
    return this.#view.size;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** @throws CodecError when the key cannot be encoded, or the value here not decoded */
  get(key: K): V | undefined {
    return this.#view.get(key);
  }

  /** The entries of those keys that are taken. */
  getAll(keys: Iterable<K>): ReadonlyMap<K, V> {
    const found = new Map<K, V>();
    for (const key of iterable('keys', keys)) {
      const value = this.#view.get(key);
      if (value !== undefined) found.set(key, value);
    }
    return found;
  }

  has(key: K): boolean {
    return this.#view.has(key);
  }

  /** In the order in which the keys were inserted, the same on every member. */
  keys(): IterableIterator<K> {
    return this.#view.keys();
  }

  values(): IterableIterator<V> {
    return this.#view.values();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#view.entries();
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#view.entries();
  }

  /** The value with its revision and its end, as they are here. Its cost is that of `get`. */
  entry(key: K): HamokMapEntry<V> | undefined {
    const slot = this.#view.slot(key);
    if (slot?.current === undefined) return undefined;
    const value = this.#view.valueOf(key, slot, slot.current);
    const expiresAt = slot.expiry?.deadline;
    const expiresInMs = expiresAt === undefined ? undefined : Math.max(0, expiresAt - this.#context.state.logTime);
    return { value, revision: slot.current.revision, expiresAt, expiresInMs };
  }

  /**
   * What `get` gives, once everything that was committed in the grid before the call can be read here. Costs a round trip to the
   * leader and from there to a majority, and no entry of the log.
   *
   * Rejects with `UnavailableError` when nobody confirmed it in time, `ClosedError`, and `CodecError`.
   */
  async read(key: K, options?: ReadOptions): Promise<V | undefined> {
    if (this.closed) throw this.#closedError();
    if (options?.consistency !== 'local') await this.#client.catchUp(options);
    if (this.closed) throw this.#closedError();
    return this.get(key);
  }

  /**
   * The changes in their order, from the call or from a revision on. What comes behind what was read stays in a buffer that all
   * watches of the map share (`watchRetention`), and what this member does not have any more ends the watch with a `WatchGapError`,
   * which says from where it can begin again; so does a snapshot that this member takes over. Ends on `close`, and when the signal is aborted.
   *
   * @throws OptionError for options that are none, ClosedError
   */
  watch(options?: WatchOptions): AsyncIterableIterator<HamokMapChange<K, V>, undefined> {
    if (this.closed) throw this.#closedError();
    return this.#watches.watch(options);
  }

  /** Resolves with the value that the key had before. Without `ttlInMs` the entry has no end, whatever it had before. */
  set(key: K, value: V, options?: WriteOptions): Promise<V | undefined> {
    return this.#write(MessageType.UPDATE_ENTRIES_REQUEST, key, value, options);
  }

  /** Resolves with the values that the keys had before. */
  setAll(entries: Iterable<readonly [K, V]>, options?: WriteAllOptions): Promise<ReadonlyMap<K, V>> {
    return this.#writeAll(MessageType.UPDATE_ENTRIES_REQUEST, entries, options);
  }

  /** Writes where the key is not taken. Resolves with the value that is there already, or undefined when it was inserted. */
  insert(key: K, value: V, options?: WriteOptions): Promise<V | undefined> {
    return this.#write(MessageType.INSERT_ENTRIES_REQUEST, key, value, options);
  }

  /** Writes those whose keys are not taken. Resolves with the entries that were there already. */
  insertAll(entries: Iterable<readonly [K, V]>, options?: WriteAllOptions): Promise<ReadonlyMap<K, V>> {
    return this.#writeAll(MessageType.INSERT_ENTRIES_REQUEST, entries, options);
  }

  /** Gives the entry a new end, or none for `Infinity`. Resolves with whether the key is taken. Not a change: no event, no revision. */
  touch(key: K, ttlInMs: number, options?: CallOptions): Promise<boolean> {
    const command = () => ({
      type: MessageType.TOUCH_ENTRIES_REQUEST,
      keys: [this.#view.encodeKey(key)],
      ttlInMs: ttlOf(ttlInMs),
    });
    return this.#client.submit(command, this.#readDone, options);
  }

  /** Resolves with whether there was something to delete. */
  delete(key: K, options?: CallOptions): Promise<boolean> {
    return this.#change(MessageType.DELETE_ENTRIES_REQUEST, key, options);
  }

  /** Resolves with the keys that were deleted. */
  deleteAll(keys: Iterable<K>, options?: BatchOptions): Promise<ReadonlySet<K>> {
    const batch = {
      command: () => ({ type: MessageType.DELETE_ENTRIES_REQUEST }),
      withValues: false,
      items: () => this.#encodeKeys(keys),
      read: (items: readonly BatchItem<K>[], result: Accepted): ReadonlySet<K> =>
        new Set(items.filter((_, at) => outcomeAt(result, at) === true).map(({ key }) => key)),
      merge: mergeSets<K>,
    };
    return submitBatch(this.#client, this.#options, batch, options);
  }

  /** Resolves with whether there was something to remove. */
  remove(key: K, options?: CallOptions): Promise<boolean> {
    return this.#change(MessageType.REMOVE_ENTRIES_REQUEST, key, options);
  }

  /** Resolves with the entries that were removed. */
  removeAll(keys: Iterable<K>, options?: BatchOptions): Promise<ReadonlyMap<K, V>> {
    const batch = {
      command: () => ({ type: MessageType.REMOVE_ENTRIES_REQUEST }),
      withValues: false,
      items: () => this.#encodeKeys(keys),
      read: this.#readPairs,
      merge: mergeMaps<K, V>,
    };
    return submitBatch(this.#client, this.#options, batch, options);
  }

  /**
   * Writes `value` if the key is as it was at that revision (of `entry`), or if it is not taken where that is undefined. Resolves
   * with whether it did.
   */
  compareAndSet(key: K, value: V, revision: number | undefined, options?: WriteOptions): Promise<boolean> {
    const command = () => ({
      type: MessageType.UPDATE_ENTRIES_REQUEST,
      keys: [this.#view.encodeKey(key)],
      values: [this.#view.encodeValue(value)],
      revision: revisionOf(revision),
      ttlInMs: ttlOf(options?.ttlInMs),
    });
    return this.#client.submit(command, this.#readDone, options);
  }

  /** Writes `value` if the key holds `oldValue`. Resolves with whether it did. */
  updateIf(key: K, value: V, oldValue: V, options?: WriteOptions): Promise<boolean> {
    const command = () => ({
      type: MessageType.UPDATE_ENTRIES_REQUEST,
      keys: [this.#view.encodeKey(key)],
      values: [this.#view.encodeValue(value)],
      prevValue: this.#view.encodeValue(oldValue),
      ttlInMs: ttlOf(options?.ttlInMs),
    });
    return this.#client.submit(command, this.#readDone, options);
  }

  /** Removes the key if it holds `oldValue`. Resolves with whether it did. */
  removeIf(key: K, oldValue: V, options?: CallOptions): Promise<boolean> {
    const command = () => ({
      type: MessageType.REMOVE_ENTRIES_REQUEST,
      keys: [this.#view.encodeKey(key)],
      prevValue: this.#view.encodeValue(oldValue),
    });
    return this.#client.submit(command, this.#readDone, options);
  }

  clear(options?: CallOptions): Promise<void> {
    return this.#client.submit(() => ({ type: MessageType.CLEAR_ENTRIES_REQUEST }), this.#readNothing, options);
  }

  /** Everything that this member holds of the map now. */
  export(): HamokMapSnapshot {
    const entries: EncodedEntry[] = [];
    for (const { key, current } of this.#view.state?.slots() ?? [])
      if (current !== undefined) entries.push([key, current.value]);
    return toMapSnapshot(this.id, entries);
  }

  /**
   * Sets what a snapshot holds, on every member; other entries stay. A large snapshot takes several changes. The id in the
   * snapshot does not matter. A boolean in place of the options is accepted for programs of 2.6: events always fire.
   */
  async import(snapshot: HamokMapSnapshot, options?: CallOptions | boolean): Promise<void> {
    const callOptions = typeof options === 'object' ? options : undefined;
    await submitEntries(this.#client, MessageType.UPDATE_ENTRIES_REQUEST, fromMapSnapshot(snapshot), callOptions);
  }

  close(): void {
    if (this.#client.closed) return;
    this.#client.closed = true;
    this.#detach();
    const state = this.#view.state;
    if (state !== undefined) state.observer = undefined;
    this.#watches.close();
    this.#context.onClose(this);
    callListeners(this.id, 'close', this.#context.onError, () => this.emit('close'));
    this.removeAllListeners();
  }

  async #open(initial: readonly EncodedEntry[]): Promise<this> {
    await openWith(this.#client, initial);
    return this;
  }

  #attach(state: MapState | undefined): void {
    this.#view.attach(state);
    if (state !== undefined) state.observer = this.#onChange;
  }

  #write(type: MessageType, key: K, value: V, options: WriteOptions | undefined): Promise<V | undefined> {
    const command = () => ({
      type,
      keys: [this.#view.encodeKey(key)],
      values: [this.#view.encodeValue(value)],
      ttlInMs: ttlOf(options?.ttlInMs),
    });
    return this.#client.submit(command, this.#readValue, options);
  }

  #writeAll(
    type: MessageType,
    entries: Iterable<readonly [K, V]>,
    options?: WriteAllOptions,
  ): Promise<ReadonlyMap<K, V>> {
    const items = () =>
      pairs('entries', entries).map(([key, value]) => ({
        key,
        encoded: [this.#view.encodeKey(key), this.#view.encodeValue(value)] as const,
      }));
    const command = () => ({ type, ttlInMs: ttlOf(options?.ttlInMs) });
    const batch = { command, withValues: true, items, read: this.#readPairs, merge: mergeMaps<K, V> };
    return submitBatch(this.#client, this.#options, batch, options);
  }

  #change(type: MessageType, key: K, options: CallOptions | undefined): Promise<boolean> {
    return this.#client.submit(() => ({ type, keys: [this.#view.encodeKey(key)] }), this.#readDone, options);
  }

  #closedError(): HamokError {
    return new ClosedError(`"${this.id}"`);
  }

  #encodeEntries(entries: Iterable<readonly [K, V]>): EncodedEntry[] {
    return pairs('baseMap', entries).map(([key, value]) => [this.#view.encodeKey(key), this.#view.encodeValue(value)]);
  }

  #encodeKeys(keys: Iterable<K>): BatchItem<K>[] {
    return Array.from(iterable('keys', keys), (key) => ({ key, encoded: [this.#view.encodeKey(key), noValue] }));
  }

  readonly #decodeValue = (bytes: Uint8Array): V => this.#view.decodeValue(bytes);

  readonly #readValue = (result: Result): V | undefined =>
    decodeOutcome(soleOutcome(this.#client.accept(result)), this.#decodeValue);

  readonly #readDone = (result: Result): boolean => isDone(this.#client.accept(result));

  readonly #readNothing = (result: Result): void => void this.#client.accept(result);

  readonly #readPairs = (items: readonly BatchItem<K>[], result: Accepted): ReadonlyMap<K, V> =>
    decodePairs(items, result, this.#decodeValue);
}

const noValue = new Uint8Array(0);

/** @throws OptionError */
function revisionOf(revision: number | undefined): number {
  if (revision === undefined) return absent;
  if (!Number.isSafeInteger(revision) || revision < 0) throw new OptionError('revision', 'must be an integer from 0');
  return revision;
}

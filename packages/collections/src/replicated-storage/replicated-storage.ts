import { MessageType, StorageKind } from '@hamok/messages';
import type { EventEmitter } from 'eventemitter3';
import { codecOr } from '../arguments.js';
import { byteString } from '../bytes/byte-string.js';
import { createJsonCodec, type HamokCodec } from '../codec.js';
import type { Collection, CollectionContext, CollectionOptions } from '../collection.js';
import { ClosedError } from '../errors.js';
import { type BatchItem, submitBatch } from '../map/map-batch.js';
import { decodePairs, mergeMaps, mergeSets, outcomeAt } from '../map/map-results.js';
import { MapView } from '../map/map-view.js';
import type { CallOptions } from '../session/call.js';
import { entriesById, keysById } from '../storage/batch.js';
import type { Storage, StorageEvents } from '../storage/storage.js';
import { type Accepted, StorageClient } from '../storage-client.js';
import { Patience } from '../storage-grid/patience.js';
import { GridStorageListeners } from '../storage-grid/storage-events.js';
import { EntryChanges } from './entry-changes.js';
import { ReplicatedCalls } from './replicated-calls.js';
import { ReplicatedEntries } from './replicated-entries.js';
import { StorageCopy } from './storage-copy.js';

export interface ReplicatedStorageOptions<K, V> extends CollectionOptions {
  /** Names the storage in the grid: every member that creates it shows the same one. */
  readonly storageId: string;
  /** Default: JSON. Must be the same on every member, and encode equal keys equally. */
  readonly keyCodec?: HamokCodec<K, Uint8Array>;
  /** Default: JSON. Must be the same on every member. */
  readonly valueCodec?: HamokCodec<V, Uint8Array>;
  /**
   * A storage of this member's own, a database say, that is kept as the entries are: it is behind at times, and has whatever was in
   * it before replaced once this storage is `ready`, and not before. Not closed with this one. Default: none.
   */
  readonly storage?: Storage<K, V>;
}

/**
 * A storage that every member holds whole. Changes are made in one order on all members, by consensus, so that one insert of a key wins
 * over the whole grid. Reads are answered from this member's memory: they see what was changed by its own calls before, and what the
 * others changed as far as it is applied here. A storage of its own, where it was given one, follows in the background.
 *
 * A batch above `maxCommandBytes` is made in several changes, and rejects with `partial-batch` where some of them are made and others not; with an
 * entry that is too large by itself nothing is. Changes reject as those of `HamokMap`. A read waits for this member's own
 * changes before it: with `unavailable` where its time ends first. Events are told on every member, in the order of the changes; a
 * member that catches up through a snapshot gets none for what that holds.
 */
export class ReplicatedStorage<K, V> implements Storage<K, V>, Collection {
  readonly id: string;
  readonly kind = StorageKind.REPLICATED_STORAGE;
  /** Resolves when the grid knows this storage. Never rejects unhandled. */
  readonly ready: Promise<this>;
  readonly #context: CollectionContext;
  readonly #client: StorageClient;
  readonly #options: ReplicatedStorageOptions<K, V>;
  readonly #view: MapView<K, V>;
  readonly #listeners: GridStorageListeners<K, V>;
  readonly #changes: EntryChanges<K, V>;
  readonly #calls: ReplicatedCalls;
  readonly #copy: StorageCopy<K, V> | undefined;
  readonly #detach: () => void;
  #entries: ReplicatedEntries | undefined;
  #isReady = false;
  #closing: Promise<void> | undefined;

  /** For `Collections`, which makes the storages. */
  constructor(context: CollectionContext, options: ReplicatedStorageOptions<K, V>) {
    const { storageId, requestTimeoutInMs, storage } = options;
    this.id = storageId;
    this.#context = context;
    this.#options = options;
    this.#client = new StorageClient(context, storageId, this.kind, requestTimeoutInMs);
    this.#calls = new ReplicatedCalls(context, this.#client);
    this.#view = new MapView(
      codecOr('keyCodec', options.keyCodec, createJsonCodec<K>),
      codecOr('valueCodec', options.valueCodec, createJsonCodec<V>),
    );
    this.#listeners = new GridStorageListeners(storageId, context.onError);
    const { clock, onError } = context;
    const [entries, has] = [() => this.#view.entries(), (key: K) => this.#view.has(key)];
    if (storage !== undefined) this.#copy = new StorageCopy(storage, { storageId, clock, entries, has, onError });
    this.#changes = new EntryChanges(this.#view, this.#listeners, this.#copy);
    this.#detach = context.state.observe(storageId, (state) => {
      this.#attach(state instanceof ReplicatedEntries && state.kind === this.kind ? state : undefined);
    });
    this.ready = this.#client.open().then(() => {
      this.#isReady = true;
      this.#followEntries();
      return this;
    });
    this.ready.catch(() => undefined);
  }

  get events(): EventEmitter<StorageEvents<K, V>> {
    return this.#listeners.events;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** How many entries this member has: all, as far as they are applied here. */
  get localSize(): number {
    return this.#view.size;
  }

  /** @throws CodecError */
  localGet(key: K): V | undefined {
    return this.#view.get(key);
  }

  localKeys(): IterableIterator<K> {
    return this.#view.keys();
  }

  localEntries(): IterableIterator<readonly [K, V]> {
    return this.#view.entries();
  }

  /**
   * Resolves when this member's own storage has everything that is applied here now. At once where it has none.
   *
   * @throws StorageFailedError when it has not in time: `reason` is the code of what that storage rejects with, if it does, else
   *   `timeout`; `aborted` where the signal was; ClosedError, OptionError
   */
  async copied(options?: CallOptions): Promise<void> {
    const patience = new Patience(this.#context.clock, this.#client.limitInMs, options);
    if (this.closed) throw new ClosedError(`"${this.id}"`);
    const copy = this.#copy;
    if (copy !== undefined)
      await patience.limit(copy.caughtUp(patience), { unanswered: (cause) => copy.behind(cause) });
  }

  size(options?: CallOptions): Promise<number> {
    return this.#calls.read(undefined, () => this.#view.size, options);
  }

  isEmpty(options?: CallOptions): Promise<boolean> {
    return this.#calls.read(undefined, () => this.#view.size === 0, options);
  }

  keys(options?: CallOptions): Promise<ReadonlySet<K>> {
    return this.#calls.read(undefined, () => new Set(this.#view.keys()), options);
  }

  async get(key: K, options?: CallOptions): Promise<V | undefined> {
    return (await this.getAll([key], options)).get(key);
  }

  async getAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    this.#calls.requireOpen();
    const items = this.#itemsOf(keys);
    const find = (): Map<K, V> => {
      const found = new Map<K, V>();
      for (const { key } of items) {
        const value = this.#view.get(key);
        if (value !== undefined) found.set(key, value);
      }
      return found;
    };
    return this.#calls.read(slotsOf(items), find, options);
  }

  async set(key: K, value: V, options?: CallOptions): Promise<V | undefined> {
    return first(await this.setAll([[key, value]], options));
  }

  async setAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#writeAll(MessageType.UPDATE_ENTRIES_REQUEST, entries, options);
  }

  async insert(key: K, value: V, options?: CallOptions): Promise<V | undefined> {
    return first(await this.insertAll([[key, value]], options));
  }

  async insertAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#writeAll(MessageType.INSERT_ENTRIES_REQUEST, entries, options);
  }

  async delete(key: K, options?: CallOptions): Promise<boolean> {
    return (await this.deleteAll([key], options)).size > 0;
  }

  async deleteAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlySet<K>> {
    this.#calls.requireOpen();
    const read = (items: readonly BatchItem<K>[], result: Accepted): ReadonlySet<K> =>
      new Set(items.filter((_, at) => outcomeAt(result, at) === true).map(({ key }) => key));
    return this.#submit(MessageType.DELETE_ENTRIES_REQUEST, false, this.#itemsOf(keys), read, mergeSets<K>, options);
  }

  async evict(key: K, options?: CallOptions): Promise<boolean> {
    return (await this.evictAll([key], options)).size > 0;
  }

  async evictAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    this.#calls.requireOpen();
    const type = MessageType.REMOVE_ENTRIES_REQUEST;
    return this.#submit(type, false, this.#itemsOf(keys), this.#readPairs, mergeMaps<K, V>, options);
  }

  async restore(key: K, value: V, options?: CallOptions): Promise<boolean> {
    return (await this.restoreAll([[key, value]], options)).size > 0;
  }

  async restoreAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlySet<K>> {
    const list = entriesById(entries, (key) => byteString(this.#view.encodeKey(key)));
    const there = await this.#writeAll(MessageType.RESTORE_ENTRIES_REQUEST, list.values(), options);
    return new Set(Array.from(list.values(), ([key]) => key).filter((key) => !there.has(key)));
  }

  async clear(options?: CallOptions): Promise<void> {
    this.#calls.requireOpen();
    const command = { type: MessageType.CLEAR_ENTRIES_REQUEST };
    const submit = (left: CallOptions): Promise<void> =>
      this.#client.change(
        () => command,
        () => undefined,
        left,
      );
    await this.#calls.change(undefined, submit, options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<readonly [K, V]> {
    return this.entries();
  }

  async *entries(options?: CallOptions): AsyncIterableIterator<readonly [K, V]> {
    for (const key of await this.keys(options)) {
      const value = this.#view.get(key);
      this.#calls.requireOpen();
      if (value !== undefined) yield [key, value];
    }
    this.#calls.requireOpen();
  }

  /** Detaches this member. What is replicated stays, and so does what is in its own storage. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#client.closed = true;
    this.#calls.close();
    this.#detach();
    this.#context.onClose(this);
    if (this.#entries !== undefined) this.#entries.observer = undefined;
    this.#copy?.close();
    this.#listeners.close();
  }

  #attach(entries: ReplicatedEntries | undefined): void {
    this.#entries = entries;
    this.#view.attach(entries);
    if (entries !== undefined) entries.observer = (change) => this.#changes.tell(change, entries.lastCommand);
    this.#followEntries();
  }

  /** Until the grid knows this storage, and has told this member, the entries here are not those of the grid. */
  #followEntries(): void {
    if (this.#isReady && this.#entries !== undefined) this.#copy?.follow();
    else this.#copy?.pause();
  }

  #writeAll(
    type: MessageType,
    entries: Iterable<readonly [K, V]>,
    options: CallOptions | undefined,
  ): Promise<ReadonlyMap<K, V>> {
    this.#calls.requireOpen();
    const encoded: BatchItem<K>[] = [];
    for (const [key, value] of entriesById(entries, (each) => byteString(this.#view.encodeKey(each))).values())
      encoded.push({ key, encoded: [this.#view.encodeKey(key), this.#view.encodeValue(value)] });
    return this.#submit(type, true, encoded, this.#readPairs, mergeMaps<K, V>, options);
  }

  #submit<R>(
    type: MessageType,
    withValues: boolean,
    items: BatchItem<K>[],
    read: (items: readonly BatchItem<K>[], result: Accepted) => R,
    merge: (results: readonly R[]) => R,
    options: CallOptions | undefined,
  ): Promise<R> {
    const batch = { command: () => ({ type }), withValues, items: () => items, read, merge };
    const submit = (left: CallOptions): Promise<R> =>
      submitBatch(this.#client, this.#options, batch, { ...left, atomic: false });
    return this.#calls.change(slotsOf(items), submit, options);
  }

  #itemsOf(keys: Iterable<K>): BatchItem<K>[] {
    const byId = keysById(keys, (key) => byteString(this.#view.encodeKey(key)));
    return Array.from(byId.values(), (key) => ({ key, encoded: [this.#view.encodeKey(key), noValue] }));
  }

  readonly #readPairs = (items: readonly BatchItem<K>[], result: Accepted): ReadonlyMap<K, V> =>
    decodePairs(items, result, (value) => this.#view.decodeValue(value));
}

const noValue = new Uint8Array(0);

function slotsOf(items: readonly BatchItem<unknown>[]): string[] {
  return items.map(({ encoded }) => byteString(encoded[0]));
}

function first<V>(values: ReadonlyMap<unknown, V>): V | undefined {
  for (const value of values.values()) return value;
  return undefined;
}

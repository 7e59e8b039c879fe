import { type HamokMessage, MessageType, StorageKind } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import type { CollectionContext } from '../collection.js';
import { ClosedError, IndeterminateError, NotCommittedError } from '../errors.js';
import type { CallOptions } from '../session/call.js';
import type { Storage } from '../storage/storage.js';
import type { EncodedEntry } from '../storage-grid/entry-codec.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import { GridStorage } from '../storage-grid/grid-storage.js';
import type { GridCallOptions, GridStorageOptions } from '../storage-grid/grid-storage-options.js';
import type { Participant } from '../storage-grid/view.js';
import { KeyCalls, type KeyItem } from './key-calls.js';
import { isKeyOperation, type KeyOperation, keyAnswers } from './key-requests.js';
import { KeyService } from './key-service.js';

export interface SeparatedStorageOptions<K, V> extends GridStorageOptions<K, V> {}

interface KeyedItem<K> extends KeyItem {
  readonly key: K;
}

const entriesAPart = 1024;

/**
 * A storage whose entries live each on one member: the one that wrote its key first, and no other until that leaves. Any member reads
 * and writes any key, which for keys held elsewhere asks their holder. A change is acknowledged once the holder and those who keep its
 * copies have it; no round of consensus is made for it. When a holder leaves, its entries are restored from their copies.
 *
 * Calls reject with a `HamokError`: `closed`, `busy`, `too-large`, `codec`, `option`, `not-committed` (nothing was changed),
 * `indeterminate` (it ended, or who was asked left, before the outcome was known), `storage-kind`, `missing-members` and `unavailable`
 * (of reads).
 *
 * A member's events are about what its own calls did, and what the calls of others did to the entries that it holds.
 */
export class SeparatedStorage<K, V> extends GridStorage<K, V> implements Storage<K, V> {
  readonly #service: KeyService;
  readonly #calls: KeyCalls;

  /** For `Collections`, which makes the storages. */
  constructor(context: CollectionContext, options: SeparatedStorageOptions<K, V>) {
    super(context, StorageKind.SEPARATED_STORAGE, options, {
      entries: (grid) => grid.held.entries(),
      takeOut: (grid) => clear(grid),
    });
    this.#service = new KeyService(
      () => this.participation.grid,
      (operation, slot, before, value) => this.#tellChange(operation, slot, before, value),
    );
    this.#calls = new KeyCalls(this.participation, this.#service, this.requests, this.limits, context.clock);
  }

  /** How many entries this member holds. */
  get localSize(): number {
    return this.participation.grid?.held.size ?? 0;
  }

  /** The keys of the entries that this member holds. */
  *localKeys(): IterableIterator<K> {
    for (const slot of this.participation.grid?.held.slots() ?? []) yield this.keyOf(slot);
  }

  /** The entries that this member holds. */
  *localEntries(): IterableIterator<readonly [K, V]> {
    for (const [slot, value] of this.participation.grid?.held.entries() ?? [])
      yield [this.keyOf(slot), this.#decode(value)];
  }

  /** The value, where this member holds the key. @throws CodecError */
  localGet(key: K): V | undefined {
    const value = this.participation.grid?.held.get(this.codec.slotOf(key));
    return value === undefined ? undefined : this.#decode(value);
  }

  async size(options?: GridCallOptions): Promise<number> {
    let size = 0;
    const collector = {
      size: (part: number) => {
        size += part;
      },
      restart: () => {
        size = 0;
      },
    };
    await this.whole({ type: MessageType.GET_SIZE_REQUEST }, options, collector);
    return size;
  }

  async isEmpty(options?: GridCallOptions): Promise<boolean> {
    return (await this.size(options)) === 0;
  }

  async keys(options?: GridCallOptions): Promise<ReadonlySet<K>> {
    const found = new Set<string>();
    const collector = {
      part: (slots: readonly string[]) => {
        for (const slot of slots) found.add(slot);
      },
      restart: () => found.clear(),
    };
    await this.whole({ type: MessageType.GET_KEYS_REQUEST }, options, collector);
    return new Set(Array.from(found, (slot) => this.keyOf(slot)));
  }

  async get(key: K, options?: CallOptions): Promise<V | undefined> {
    return this.#first(await this.#onKeys(MessageType.GET_ENTRIES_REQUEST, () => this.codec.keys([key]), options));
  }

  async getAll(keys: Iterable<K>, options?: GridCallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#pairs(await this.#onKeys(MessageType.GET_ENTRIES_REQUEST, () => this.codec.keys(keys), options));
  }

  async set(key: K, value: V, options?: CallOptions): Promise<V | undefined> {
    return this.#first(await this.#write([[key, value]], options));
  }

  async setAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#pairs(await this.#write(entries, options));
  }

  async insert(key: K, value: V, options?: CallOptions): Promise<V | undefined> {
    return this.#first(await this.#insert('created', [[key, value]], options));
  }

  async insertAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#pairs(await this.#insert('created', entries, options));
  }

  async delete(key: K, options?: CallOptions): Promise<boolean> {
    return (await this.deleteAll([key], options)).size > 0;
  }

  async deleteAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlySet<K>> {
    const items = await this.#takeOut('deleted', MessageType.DELETE_ENTRIES_REQUEST, keys, options);
    return new Set(items.filter(({ before }) => before !== undefined).map(({ key }) => key));
  }

  async evict(key: K, options?: CallOptions): Promise<boolean> {
    return (await this.evictAll([key], options)).size > 0;
  }

  async evictAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#pairs(await this.#takeOut('evicted', MessageType.REMOVE_ENTRIES_REQUEST, keys, options));
  }

  async restore(key: K, value: V, options?: CallOptions): Promise<boolean> {
    return (await this.restoreAll([[key, value]], options)).size > 0;
  }

  async restoreAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlySet<K>> {
    const items = await this.#insert('restored', entries, options);
    return new Set(items.filter(({ before }) => before === undefined).map(({ key }) => key));
  }

  /** Deletes what every member holds. What is written meanwhile may stay. */
  async clear(options?: GridCallOptions): Promise<void> {
    await this.whole({ type: MessageType.CLEAR_ENTRIES_REQUEST }, options, { restart: () => undefined });
    this.listeners.tell('cleared', (events) => events.emit('cleared'));
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<readonly [K, V]> {
    return this.entries();
  }

  /** The entries of all members, each key once. */
  async *entries(options?: GridCallOptions): AsyncIterableIterator<readonly [K, V]> {
    const keys = [...(await this.keys(options))];
    for (let from = 0; from < keys.length; from += entriesAPart)
      for (const entry of await this.getAll(keys.slice(from, from + entriesAPart), options)) {
        this.requireOpen();
        yield entry;
      }
    this.requireOpen();
  }

  protected keyOf(slot: string): K {
    return this.codec.decodeKey(slot);
  }

  protected isWhole({ type, keys }: HamokMessage): boolean {
    return !isKeyOperation(type) || keys.length === 0;
  }

  protected async serve(grid: EntryGrid, from: Participant, message: HamokMessage): Promise<void> {
    const { type: operation, keys, values, storageEpoch: epoch = -1 } = message;
    if (!isKeyOperation(operation)) return;
    const request = { from, operation, epoch, slots: keys.map(byteString), values: values.map(byteString) };
    const replies = await this.#service.serve(grid, request);
    for (const answer of keyAnswers(message, replies, this.limits.bytes)) grid.streams.send(from, answer);
  }

  protected override kept(slot: string): void {
    this.#service.reservations.delete(slot);
  }

  protected override announced(from: Participant, epoch: number): void {
    this.#service.reservations.announced(from, epoch);
  }

  protected override informed(): void {
    this.#service.wake();
  }

  protected override viewChanged(grid: EntryGrid | undefined): void {
    this.#service.reservations.retain((participant) => grid?.view.has(participant) === true);
  }

  async #write(entries: Iterable<readonly [K, V]>, options: CallOptions | undefined): Promise<KeyedItem<K>[]> {
    const type = MessageType.UPDATE_ENTRIES_REQUEST;
    const items = await this.#onKeys(type, () => this.codec.entries(entries), options);
    for (const { key, before, value = '' } of items)
      if (before === undefined) this.#tellValue('created', key, value);
      else this.#tellUpdate(() => key, before, value);
    return items;
  }

  async #insert(
    event: 'created' | 'restored',
    entries: Iterable<readonly [K, V]>,
    options: CallOptions | undefined,
  ): Promise<KeyedItem<K>[]> {
    const type = MessageType.INSERT_ENTRIES_REQUEST;
    const items = await this.#onKeys(type, () => this.codec.entries(entries), options);
    for (const { key, before, value = '' } of items) if (before === undefined) this.#tellValue(event, key, value);
    return items;
  }

  async #takeOut(
    event: 'deleted' | 'evicted',
    operation: KeyOperation,
    keys: Iterable<K>,
    options: CallOptions | undefined,
  ): Promise<KeyedItem<K>[]> {
    const items = await this.#onKeys(operation, () => this.codec.keys(keys), options);
    for (const { key, before } of items) if (before !== undefined) this.#tellValue(event, key, before);
    return items;
  }

  /** Resolves with the items once the call is done, or, of a read that may be partial, as far as it is. */
  async #onKeys(
    operation: KeyOperation,
    encode: () => readonly EncodedEntry<K>[],
    options: GridCallOptions | undefined,
  ): Promise<KeyedItem<K>[]> {
    this.requireOpen();
    const patience = this.patience(options);
    const items = encode().map(
      (entry): KeyedItem<K> => ({ ...entry, before: undefined, done: false, holder: undefined }),
    );
    if (items.length === 0) return items;
    const exposed = new Set<KeyItem>();
    const missing = new Set<string>();
    const [ended, prolong] = [() => patience.ended, () => patience.prolong()];
    const slots = items.map(({ slot }) => slot);
    const running = this.order.run(slots, patience.over, () =>
      this.#calls.run({ operation, items, exposed, missing, ended, prolong }),
    );
    const isRead = operation === MessageType.GET_ENTRIES_REQUEST;
    const limited = patience.limit(running, (cause) => {
      if (isRead) return this.unanswered(missing, false, cause);
      if (exposed.size > 0) return new IndeterminateError('it ended before its outcome was known', cause);
      return new NotCommittedError('it ended before anybody did it', 'unavailable', cause);
    });
    await this.orPartial(limited, missing, isRead ? options : undefined).catch((error: unknown) => {
      throw this.closed ? new ClosedError(`"${this.id}"`, !isRead && exposed.size > 0) : error;
    });
    return items;
  }

  /** By the call of another member. */
  #tellChange(operation: KeyOperation, slot: string, before: string, value: string | undefined): void {
    if (operation === MessageType.UPDATE_ENTRIES_REQUEST)
      return this.#tellUpdate(() => this.keyOf(slot), before, value ?? '');
    const event = operation === MessageType.REMOVE_ENTRIES_REQUEST ? 'evicted' : 'deleted';
    this.listeners.tell(event, (events) => events.emit(event, this.keyOf(slot), this.#decode(before)));
  }

  #tellUpdate(key: () => K, before: string, value: string): void {
    this.listeners.tell('updated', (events) =>
      events.emit('updated', key(), this.#decode(before), this.#decode(value)),
    );
  }

  #tellValue(event: 'created' | 'restored' | 'deleted' | 'evicted', key: K, value: string): void {
    this.listeners.tell(event, (events) => events.emit(event, key, this.#decode(value)));
  }

  #decode(value: string): V {
    return this.codec.decodeValue(value);
  }

  #first([item]: readonly KeyedItem<K>[]): V | undefined {
    return item?.before === undefined ? undefined : this.#decode(item.before);
  }

  #pairs(items: readonly KeyedItem<K>[]): Map<K, V> {
    const found = new Map<K, V>();
    for (const { key, before } of items) if (before !== undefined) found.set(key, this.#decode(before));
    return found;
  }
}

async function clear(grid: EntryGrid): Promise<[]> {
  const slots = [...grid.held.slots()];
  for (const slot of slots) grid.held.delete(slot);
  for (let from = 0; from < slots.length; from += entriesAPart)
    await grid.held.spreadDeletion(slots.slice(from, from + entriesAPart));
  return [];
}

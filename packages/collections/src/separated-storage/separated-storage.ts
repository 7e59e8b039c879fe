import { type HamokMessage, MessageType, StorageKind } from '@hamok/messages';
import type { EventEmitter } from 'eventemitter3';
import { byteString } from '../bytes/byte-string.js';
import { decodeText } from '../bytes/utf8.js';
import type { Collection, CollectionContext } from '../collection.js';
import {
  BusyError,
  ClosedError,
  IndeterminateError,
  MissingMembersError,
  NotCommittedError,
  OptionError,
  UnavailableError,
} from '../errors.js';
import { idOf } from '../member-id.js';
import type { CallOptions } from '../session/call.js';
import type { Storage, StorageEvents } from '../storage/storage.js';
import { StorageClient } from '../storage-client.js';
import { CallOrder } from '../storage-grid/call-order.js';
import { type EncodedEntry, EntryCodec } from '../storage-grid/entry-codec.js';
import { EntryGrid, type EntryGridObserver } from '../storage-grid/entry-grid.js';
import { OngoingRequests } from '../storage-grid/ongoing-requests.js';
import { Participation } from '../storage-grid/participation.js';
import { Patience } from '../storage-grid/patience.js';
import { Requests } from '../storage-grid/requests.js';
import { GridStorageListeners, type StorageIncidents } from '../storage-grid/storage-events.js';
import type { Participant } from '../storage-grid/view.js';
import { type Collector, WholeGridCalls, WholeGridService, type WholeOperation } from '../storage-grid/whole-grid.js';
import { KeyCalls, type KeyItem } from './key-calls.js';
import { isKeyOperation, type KeyOperation, keyAnswers } from './key-requests.js';
import { KeyService } from './key-service.js';
import type { GridCallOptions, SeparatedStorageOptions } from './separated-options.js';

/** Calls, and changes that wait for acknowledgement, of one storage on one member. */
const maxInFlight = 65_536;
const maxMessageBytes = 256 * 1024;
const maxMessageItems = 1024;
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
export class SeparatedStorage<K, V> implements Storage<K, V>, Collection {
  readonly id: string;
  readonly kind = StorageKind.SEPARATED_STORAGE;
  /** Resolves when this member takes part. Never rejects unhandled. */
  readonly ready: Promise<this>;
  readonly #context: CollectionContext;
  readonly #client: StorageClient;
  readonly #codec: EntryCodec<K, V>;
  readonly #listeners: GridStorageListeners<K, V>;
  readonly #order = new CallOrder();
  readonly #participation: Participation;
  readonly #requests = new Requests();
  readonly #ongoing: OngoingRequests;
  readonly #keyService: KeyService;
  readonly #keyCalls: KeyCalls;
  readonly #gridService: WholeGridService;
  readonly #gridCalls: WholeGridCalls;
  readonly #limits: { readonly bytes: number; readonly items: number };
  readonly #requestTimeoutInMs: number;
  #closing: Promise<void> | undefined;

  /** For `Collections`, which makes the storages. */
  constructor(context: CollectionContext, options: SeparatedStorageOptions<K, V>) {
    const { storageId, backups = 1, requestTimeoutInMs, maxOutboundMessageKeys = maxMessageItems } = options;
    if (!Number.isSafeInteger(backups) || backups < 0) throw new OptionError('backups', 'must be an integer from 0');
    if (!(maxOutboundMessageKeys >= 1)) throw new OptionError('maxOutboundMessageKeys', 'must be a number from 1');
    const { batchBytes } = context.session;
    this.id = storageId;
    this.#context = context;
    this.#requestTimeoutInMs = requestTimeoutInMs ?? context.requestTimeoutInMs;
    this.#limits = { bytes: Math.min(maxMessageBytes, batchBytes >> 1), items: maxOutboundMessageKeys };
    this.#codec = new EntryCodec(options.keyCodec, options.valueCodec, batchBytes);
    this.#client = new StorageClient(context, storageId, this.kind, requestTimeoutInMs);
    this.#listeners = new GridStorageListeners(storageId, context.onError);
    this.#ongoing = new OngoingRequests(storageId, context.channel, context.clock);
    this.#gridService = new WholeGridService(this.#limits);
    this.#keyService = new KeyService(
      () => this.#participation.grid,
      (operation, slot, before, value) => this.#tellChange(operation, slot, before, value),
    );
    this.#participation = new Participation(
      context,
      this.#client,
      (self, view) =>
        new EntryGrid({
          storageId,
          self,
          view,
          backups,
          clock: context.clock,
          channel: context.channel,
          limits: this.#limits,
          observer: this.#observer(),
        }),
      () => this.#viewChanged(),
    );
    this.#keyCalls = new KeyCalls(this.#participation, this.#keyService, this.#requests, this.#limits, context.clock);
    this.#gridCalls = new WholeGridCalls(this.#participation, this.#gridService, this.#requests);
    this.ready = this.#participation.joined().then(() => this);
    this.ready.catch(() => undefined);
  }

  get events(): EventEmitter<StorageEvents<K, V>> {
    return this.#listeners.events;
  }

  /** What befell entries by no call of anybody. */
  get incidents(): EventEmitter<StorageIncidents<K>> {
    return this.#listeners.incidents;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Who takes part, as applied here: the ids of the members, and the log index at which that changed last (-1: this one does not). */
  get participants(): { readonly epoch: number; readonly memberIds: readonly string[] } {
    const view = this.#participation.grid?.view;
    return { epoch: view?.epoch ?? -1, memberIds: view?.participants.map(({ member }) => idOf(member)) ?? [] };
  }

  /**
   * Whether this member takes part, every entry that it holds has its copies on others, and all is restored that it has to restore.
   * Whoever stops members one after another waits for that on all others, or loses what had not been copied again.
   */
  get settled(): boolean {
    return this.#participation.grid?.settled === true;
  }

  /** What this member has: entries that it holds, copies of those of others, and of some only that there are such keys. Counts anew. */
  get stats(): { readonly held: number; readonly backups: number; readonly witnesses: number } {
    const copies = this.#participation.grid?.copies.count() ?? { backups: 0, witnesses: 0 };
    return { held: this.localSize, ...copies };
  }

  /** How many entries this member holds. */
  get localSize(): number {
    return this.#participation.grid?.held.size ?? 0;
  }

  /** The keys of the entries that this member holds. */
  *localKeys(): IterableIterator<K> {
    for (const slot of this.#participation.grid?.held.slots() ?? []) yield this.#codec.decodeKey(slot);
  }

  /** The entries that this member holds. */
  *localEntries(): IterableIterator<readonly [K, V]> {
    for (const [slot, value] of this.#participation.grid?.held.entries() ?? [])
      yield [this.#codec.decodeKey(slot), this.#codec.decodeValue(value)];
  }

  /** The value, where this member holds the key. @throws CodecError */
  localGet(key: K): V | undefined {
    const value = this.#participation.grid?.held.get(this.#codec.slotOf(key));
    return value === undefined ? undefined : this.#codec.decodeValue(value);
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
    await this.#whole(MessageType.GET_SIZE_REQUEST, options, collector, (grid) => collector.size(grid.held.size));
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
    await this.#whole(MessageType.GET_KEYS_REQUEST, options, collector, (grid) => {
      for (const slot of grid.held.slots()) found.add(slot);
    });
    return new Set(Array.from(found, (slot) => this.#codec.decodeKey(slot)));
  }

  async get(key: K, options?: CallOptions): Promise<V | undefined> {
    const [item] = await this.#onKeys(MessageType.GET_ENTRIES_REQUEST, () => this.#codec.keys([key]), options);
    return item?.before === undefined ? undefined : this.#codec.decodeValue(item.before);
  }

  async getAll(keys: Iterable<K>, options?: GridCallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#pairs(await this.#onKeys(MessageType.GET_ENTRIES_REQUEST, () => this.#codec.keys(keys), options));
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

  /** Deletes what every member holds. What others write meanwhile may stay. */
  async clear(options?: GridCallOptions): Promise<void> {
    const collector = { restart: () => undefined };
    await this.#whole(MessageType.CLEAR_ENTRIES_REQUEST, options, collector, (grid) => this.#clearHere(grid));
    this.#listeners.tell('cleared', (events) => events.emit('cleared'));
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<readonly [K, V]> {
    return this.entries();
  }

  /** The entries of all members, each key once. */
  async *entries(options?: GridCallOptions): AsyncIterableIterator<readonly [K, V]> {
    const keys = [...(await this.keys(options))];
    for (let from = 0; from < keys.length; from += entriesAPart)
      for (const entry of await this.getAll(keys.slice(from, from + entriesAPart), options)) {
        this.#requireOpen();
        yield entry;
      }
    this.#requireOpen();
  }

  /** Leaves the storage: what this member holds is restored by others, as when it leaves the grid. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#context.onClose(this);
    await this.#participation.close(this.#requestTimeoutInMs);
    this.#client.closed = true;
    this.#viewChanged();
    this.#ongoing.close();
    this.#listeners.close();
  }

  async #write(entries: Iterable<readonly [K, V]>, options: CallOptions | undefined): Promise<KeyedItem<K>[]> {
    const type = MessageType.UPDATE_ENTRIES_REQUEST;
    const items = await this.#onKeys(type, () => this.#codec.entries(entries), options);
    for (const { key, before, value = '' } of items)
      if (before === undefined) this.#tellValue('created', key, value);
      else
        this.#listeners.tell('updated', (events) =>
          events.emit('updated', key, this.#decode(before), this.#decode(value)),
        );
    return items;
  }

  async #insert(
    event: 'created' | 'restored',
    entries: Iterable<readonly [K, V]>,
    options: CallOptions | undefined,
  ): Promise<KeyedItem<K>[]> {
    const type = MessageType.INSERT_ENTRIES_REQUEST;
    const items = await this.#onKeys(type, () => this.#codec.entries(entries), options);
    for (const { key, before, value = '' } of items) if (before === undefined) this.#tellValue(event, key, value);
    return items;
  }

  async #takeOut(
    event: 'deleted' | 'evicted',
    operation: KeyOperation,
    keys: Iterable<K>,
    options: CallOptions | undefined,
  ): Promise<KeyedItem<K>[]> {
    const items = await this.#onKeys(operation, () => this.#codec.keys(keys), options);
    for (const { key, before } of items) if (before !== undefined) this.#tellValue(event, key, before);
    return items;
  }

  /** Resolves with the items once the call is done, or, of a read that may be partial, as far as it is. */
  async #onKeys(
    operation: KeyOperation,
    encode: () => readonly EncodedEntry<K>[],
    options: GridCallOptions | undefined,
  ): Promise<KeyedItem<K>[]> {
    this.#requireOpen();
    const patience = this.#patience(options);
    const encoded = encode();
    const items = encoded.map(
      ({ key, slot, value }): KeyedItem<K> => ({ key, slot, value, before: undefined, done: false, holder: undefined }),
    );
    if (items.length === 0) return items;
    const exposed = new Set<KeyItem>();
    const missing = new Set<string>();
    const isRead = operation === MessageType.GET_ENTRIES_REQUEST;
    const call = {
      operation,
      items,
      exposed,
      missing,
      ended: () => patience.ended,
      prolong: () => patience.prolong(),
    };
    const slots = items.map(({ slot }) => slot);
    const running = this.#order.run(slots, () => this.#keyCalls.run(call));
    let partial = false;
    await patience
      .limit(running, (cause) => {
        if (isRead && options?.onMissing !== undefined) partial = true;
        if (isRead) return this.#unanswered(missing, false, cause);
        if (exposed.size > 0) return new IndeterminateError('it ended before its outcome was known', cause);
        return new NotCommittedError('it ended before anybody did it', 'unavailable', cause);
      })
      .catch((error: unknown) => {
        if (this.closed && !isRead) throw new ClosedError(`"${this.id}"`, exposed.size > 0);
        if (!partial) throw error;
        options?.onMissing?.(Array.from(missing, idOf));
      });
    return items;
  }

  async #whole(
    operation: WholeOperation,
    options: GridCallOptions | undefined,
    collector: Collector,
    local: (grid: EntryGrid) => Promise<void> | void,
  ): Promise<void> {
    this.#requireOpen();
    const patience = this.#patience(options);
    const missing = new Set<string>();
    const call = { operation, missing, ended: () => patience.ended, prolong: () => patience.prolong() };
    const running = this.#order.runAlone(() => this.#gridCalls.run(call, collector, local));
    let partial = false;
    const isChange = operation === MessageType.CLEAR_ENTRIES_REQUEST;
    await patience
      .limit(running, (cause) => {
        partial = options?.onMissing !== undefined;
        return this.#unanswered(missing, isChange, cause);
      })
      .catch((error: unknown) => {
        if (this.closed) throw new ClosedError(`"${this.id}"`, isChange);
        if (!partial) throw error;
        options?.onMissing?.(Array.from(missing, idOf));
      });
  }

  #unanswered(missing: ReadonlySet<string>, isChange: boolean, cause: unknown): Error {
    if (missing.size > 0) return new MissingMembersError(this.id, Array.from(missing, idOf), isChange);
    return new UnavailableError(`"${this.id}" did not answer in time`, { cause });
  }

  #patience(options: CallOptions | undefined): Patience {
    if (this.#order.running + (this.#participation.grid?.held.unacknowledged ?? 0) >= maxInFlight)
      throw new BusyError(maxInFlight);
    return new Patience(this.#context.clock, this.#requestTimeoutInMs, options);
  }

  #requireOpen(): void {
    if (this.closed) throw new ClosedError(`"${this.id}"`);
  }

  #observer(): EntryGridObserver {
    return {
      received: (from, message) => this.#received(from, message),
      kept: (slot) => this.#keyService.reservations.delete(slot),
      announced: (from) => {
        const epoch = this.#participation.grid?.view.epoch;
        if (epoch !== undefined) this.#keyService.reservations.announced(from, epoch);
      },
      informed: () => this.#wake(),
      restored: (slot, value) =>
        this.#listeners.tell('restored', (events) =>
          events.emit('restored', this.#codec.decodeKey(slot), this.#decode(value)),
        ),
      lost: (slots, { member }) =>
        this.#listeners.report('lost', (incidents) =>
          incidents.emit(
            'lost',
            slots.map((slot) => this.#codec.decodeKey(slot)),
            idOf(member),
          ),
        ),
      conflicted: (slot, kept, other) =>
        this.#listeners.report('conflict', (incidents) =>
          incidents.emit('conflict', this.#codec.decodeKey(slot), idOf(kept.member), idOf(other.member)),
        ),
    };
  }

  #received(from: Participant, message: HamokMessage): void {
    const grid = this.#participation.grid;
    if (grid === undefined) return;
    if (message.type === MessageType.GET_ENTRIES_RESPONSE) return this.#requests.answered(from, message);
    if (message.type === MessageType.ONGOING_REQUESTS_NOTIFICATION)
      return this.#requests.workedOn(from, message.keys.map(decodeText));
    const done = this.#ongoing.begin(from, message);
    void this.#answer(grid, from, message)
      .catch(() => undefined)
      .finally(done);
  }

  /** Whoever asked learns from its stream when this member ends before it has answered. */
  async #answer(grid: EntryGrid, from: Participant, message: HamokMessage): Promise<void> {
    if (WholeGridService.asks(message))
      return this.#gridService.answer(grid, from, message, () => this.#clearHere(grid));
    const { type: operation, keys, values, storageEpoch: epoch = -1 } = message;
    if (!isKeyOperation(operation)) return;
    const request = { from, operation, epoch, slots: keys.map(byteString), values: values.map(byteString) };
    const replies = await this.#keyService.serve(grid, request);
    for (const answer of keyAnswers(message, replies, this.#limits.bytes)) grid.streams.send(from, answer);
  }

  async #clearHere(grid: EntryGrid): Promise<void> {
    const slots = [...grid.held.slots()];
    for (const slot of slots) grid.held.delete(slot);
    for (let from = 0; from < slots.length; from += entriesAPart)
      await grid.held.spreadDeletion(slots.slice(from, from + entriesAPart));
  }

  #viewChanged(): void {
    const grid = this.#participation.grid;
    this.#requests.viewChanged(grid);
    if (grid === undefined) this.#keyService.reservations.clear();
    else this.#keyService.reservations.departed((participant) => grid.view.has(participant));
    this.#wake();
  }

  #wake(): void {
    this.#keyService.wake();
    this.#gridService.wake();
  }

  #tellChange(operation: KeyOperation, slot: string, before: string, value: string | undefined): void {
    if (operation === MessageType.UPDATE_ENTRIES_REQUEST)
      this.#listeners.tell('updated', (events) =>
        events.emit('updated', this.#codec.decodeKey(slot), this.#decode(before), this.#decode(value ?? '')),
      );
    else
      this.#listeners.tell(operation === MessageType.REMOVE_ENTRIES_REQUEST ? 'evicted' : 'deleted', (events) =>
        events.emit(
          operation === MessageType.REMOVE_ENTRIES_REQUEST ? 'evicted' : 'deleted',
          this.#codec.decodeKey(slot),
          this.#decode(before),
        ),
      );
  }

  #tellValue(event: 'created' | 'restored' | 'deleted' | 'evicted', key: K, value: string): void {
    this.#listeners.tell(event, (events) => events.emit(event, key, this.#decode(value)));
  }

  #decode(value: string): V {
    return this.#codec.decodeValue(value);
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

interface KeyedItem<K> extends KeyItem {
  readonly key: K;
}

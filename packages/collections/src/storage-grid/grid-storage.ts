import { MessageType, type StorageKind } from '@hamok/messages';
import type { EventEmitter } from 'eventemitter3';
import type { Collection, CollectionContext } from '../collection.js';
import { OptionError } from '../errors.js';
import { idOf } from '../member-id.js';
import type { CallOptions } from '../session/call.js';
import type { Storage, StorageEvents } from '../storage/storage.js';
import { StorageClient } from '../storage-client.js';
import { EntryCodec } from './entry-codec.js';
import { GridCalls } from './grid-calls.js';
import type { GridCallOptions, GridStorageOptions } from './grid-storage-options.js';
import type { MessageLimits } from './held-entries.js';
import { GridStorageListeners } from './storage-events.js';
import { IncidentListeners, type StorageIncidents } from './storage-incidents.js';
import { type StorageDuties, StorageMember } from './storage-member.js';
import { WholeGridCalls } from './whole-grid-calls.js';

/** That the wire has room for. */
const maxBackups = 2 ** 31 - 1;
const maxMessageBytes = 256 * 1024;
const maxMessageItems = 1024;
/** That an iteration asks for at once. */
const entriesAPart = 1024;

/** What storages have in common whose entries live on their members. */
export abstract class GridStorage<K, V> implements Collection, Storage<K, V> {
  readonly id: string;
  /**
   * Resolves when this member takes part, however long that takes. Rejects, never unhandled, with `backups`, `storage-kind`, `closed`, or
   * with what stopped this member for good.
   */
  readonly ready: Promise<this>;
  protected readonly codec: EntryCodec<K, V>;
  protected readonly listeners: GridStorageListeners<K, V>;
  protected readonly limits: MessageLimits;
  protected readonly member: StorageMember;
  protected readonly calls: GridCalls;
  protected readonly wholeCalls: WholeGridCalls;
  readonly #context: CollectionContext;
  readonly #client: StorageClient;
  readonly #incidents: IncidentListeners<K>;
  readonly #requestTimeoutInMs: number;
  #closing: Promise<void> | undefined;

  constructor(
    context: CollectionContext,
    readonly kind: StorageKind,
    options: GridStorageOptions<K, V>,
    duties: StorageDuties,
  ) {
    const { storageId, backups = 1, requestTimeoutInMs, maxOutboundMessageKeys = maxMessageItems } = options;
    if (!Number.isInteger(backups) || backups < 0 || backups > maxBackups)
      throw new OptionError('backups', `must be an integer from 0 to ${maxBackups}`);
    if (!(maxOutboundMessageKeys >= 1)) throw new OptionError('maxOutboundMessageKeys', 'must be a number from 1');
    const { batchBytes } = context.session;
    const limits = { bytes: Math.min(maxMessageBytes, batchBytes >> 1), items: maxOutboundMessageKeys };
    this.id = storageId;
    this.#context = context;
    this.#requestTimeoutInMs = requestTimeoutInMs ?? context.requestTimeoutInMs;
    this.limits = limits;
    this.codec = new EntryCodec(options.keyCodec, options.valueCodec, batchBytes);
    this.listeners = new GridStorageListeners(storageId, context.onError);
    const incidents = new IncidentListeners<K>(storageId, (slot) => this.keyOf(slot), context.onError);
    this.#incidents = incidents;
    const client = new StorageClient(context, storageId, kind, requestTimeoutInMs);
    this.#client = client;
    const member = new StorageMember(context, client, { backups, limits }, duties, {
      restored: (slot, value) =>
        this.listeners.tell(
          'restored',
          () => this.keyOf(slot),
          () => this.codec.decodeValue(value),
        ),
      lost: (slots, holder) => incidents.lost(slots, holder),
      lostUnnamed: (gone) => incidents.lostUnnamed(gone),
      conflicted: (slot, kept, other) => incidents.conflicted(slot, kept, other),
    });
    this.member = member;
    this.calls = new GridCalls(context, client);
    const { participation, service, requests } = member;
    this.wholeCalls = new WholeGridCalls(this.calls, participation, service, requests, limits, context.clock);
    this.ready = member.participation.joined().then(() => this);
    this.ready.catch(() => undefined);
  }

  get events(): EventEmitter<StorageEvents<K, V>> {
    return this.listeners.events;
  }

  /** What befell entries by no call of anybody. */
  get incidents(): EventEmitter<StorageIncidents<K>> {
    return this.#incidents.incidents;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Who takes part, as applied here: the ids of the members, and the log index at which that changed last (-1: this one does not). */
  get participants(): { readonly epoch: number; readonly memberIds: readonly string[] } {
    const view = this.member.grid?.view;
    return { epoch: view?.epoch ?? -1, memberIds: view?.participants.map(({ member }) => idOf(member)) ?? [] };
  }

  /**
   * Whether this member takes part, every entry that it holds has its copies on others, as of the changes that were acknowledged, and all
   * is restored that it has to restore; in the `epoch` of `participants`. Whoever stops members one after another waits for that on all
   * others, once their `participants` are those that there should be, or loses what had not been copied again. It says nothing of whether those who
   * take part live: one who died counts, with the copies that it had, until the grid has removed it.
   */
  get settled(): boolean {
    return this.member.grid?.settled === true;
  }

  /** What this member has: entries that it holds, copies of those of others, and of some only that there are such keys. Counts anew. */
  get stats(): { readonly held: number; readonly backups: number; readonly witnesses: number } {
    const { grid } = this.member;
    const copies = grid?.copies.count() ?? { backups: 0, witnesses: 0 };
    return { held: grid?.held.size ?? 0, ...copies };
  }

  abstract get localSize(): number;

  abstract localGet(key: K): V | undefined;

  *localKeys(): IterableIterator<K> {
    for (const [slot] of this.local()) yield this.keyOf(slot);
  }

  *localEntries(): IterableIterator<readonly [K, V]> {
    for (const [slot, value] of this.local()) yield [this.keyOf(slot), this.codec.decodeValue(value)];
  }

  abstract size(options?: GridCallOptions): Promise<number>;

  async isEmpty(options?: GridCallOptions): Promise<boolean> {
    return (await this.size(options)) === 0;
  }

  async keys(options?: GridCallOptions): Promise<ReadonlySet<K>> {
    return new Set(Array.from(await this.encodedKeys(options), (key) => this.codec.decodeKey(key)));
  }

  async get(key: K, options?: GridCallOptions): Promise<V | undefined> {
    return first(await this.getAll([key], options));
  }

  abstract getAll(keys: Iterable<K>, options?: GridCallOptions): Promise<ReadonlyMap<K, V>>;

  async set(key: K, value: V, options?: CallOptions): Promise<V | undefined> {
    return first(await this.setAll([[key, value]], options));
  }

  abstract setAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>>;

  async insert(key: K, value: V, options?: CallOptions): Promise<V | undefined> {
    return first(await this.insertAll([[key, value]], options));
  }

  abstract insertAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>>;

  async delete(key: K, options?: CallOptions): Promise<boolean> {
    return (await this.deleteAll([key], options)).size > 0;
  }

  abstract deleteAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlySet<K>>;

  async evict(key: K, options?: CallOptions): Promise<boolean> {
    return (await this.evictAll([key], options)).size > 0;
  }

  abstract evictAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlyMap<K, V>>;

  async restore(key: K, value: V, options?: CallOptions): Promise<boolean> {
    return (await this.restoreAll([[key, value]], options)).size > 0;
  }

  abstract restoreAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlySet<K>>;

  /** Deletes what every member holds. What is written meanwhile may stay. */
  async clear(options?: GridCallOptions): Promise<void> {
    await this.wholeCalls.ask({ type: MessageType.CLEAR_ENTRIES_REQUEST }, options, { restart: () => undefined });
    this.listeners.cleared();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<readonly [K, V]> {
    return this.entries();
  }

  /** The entries of all members, each key once. */
  async *entries(options?: GridCallOptions): AsyncIterableIterator<readonly [K, V]> {
    const keys = [...(await this.keys(options))];
    for (let from = 0; from < keys.length; from += entriesAPart)
      for (const entry of await this.getAll(keys.slice(from, from + entriesAPart), options)) {
        this.calls.requireOpen();
        yield entry;
      }
    this.calls.requireOpen();
  }

  /**
   * Leaves the storage, for at most `requestTimeoutInMs`: what this member holds is restored by others, as when it leaves the grid. Calls
   * that wait end with their result or with `closed`. Never rejects.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** What this member holds as its own. */
  protected abstract local(): Iterable<readonly [slot: string, value: string]>;

  /** The key of what is held in a slot, as the codec encodes it; undefined for what is no slot of this kind. */
  protected abstract encodedKeyOf(slot: string): string | undefined;

  /** @throws CodecError */
  protected keyOf(slot: string): K {
    return this.codec.decodeKey(this.encodedKeyOf(slot) ?? '');
  }

  /** Those of all members. */
  protected async encodedKeys(options: GridCallOptions | undefined): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    const part = (slots: readonly string[]): void => {
      for (const slot of slots) {
        const key = this.encodedKeyOf(slot);
        if (key !== undefined) found.add(key);
      }
    };
    const restart = (): void => found.clear();
    await this.wholeCalls.ask({ type: MessageType.GET_KEYS_REQUEST }, options, { part, restart });
    return found;
  }

  async #close(): Promise<void> {
    this.calls.close();
    this.#context.onClose(this);
    await this.member.close(this.#requestTimeoutInMs);
    this.#client.closed = true;
    this.listeners.close();
    this.#incidents.close();
  }
}

function first<V>(values: ReadonlyMap<unknown, V>): V | undefined {
  for (const value of values.values()) return value;
  return undefined;
}

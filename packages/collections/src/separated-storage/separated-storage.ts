import { MessageType, StorageKind } from '@hamok/messages';
import type { Clock } from '../clock.js';
import type { CollectionContext } from '../collection.js';
import type { CallOptions } from '../session/call.js';
import type { CallKind } from '../storage-grid/call-order.js';
import type { EncodedEntry } from '../storage-grid/entry-codec.js';
import type { CallEnd } from '../storage-grid/grid-calls.js';
import { GridStorage } from '../storage-grid/grid-storage.js';
import type { GridCallOptions, GridStorageOptions } from '../storage-grid/grid-storage-options.js';
import type { Participant } from '../storage-grid/view.js';
import { concernedBy } from './concerned.js';
import { KeyBatches } from './key-batches.js';
import { KeyCalls } from './key-calls.js';
import { KeyItem } from './key-item.js';
import { KeyProgress } from './key-progress.js';
import { type KeyOperation, writes } from './key-requests.js';
import { type EntryChanged, KeyService } from './key-service.js';

export interface SeparatedStorageOptions<K, V> extends GridStorageOptions<K, V> {}

/**
 * A storage whose entries live each on one member: the one that wrote its key first, and no other until that leaves. Any member reads
 * and writes any key, which for keys held elsewhere asks their holder. A change is acknowledged once the holder and those who keep its
 * copies have it; no round of consensus is made for it. When a holder leaves, its entries are restored from their copies.
 *
 * Calls reject with a `HamokError`: `closed`, `busy`, `too-large`, `codec`, `option`, `storage-kind`, `backups`; when their time ends,
 * `missing-members` (because of whom), or else `not-committed` (nothing was changed), `indeterminate` (it may have been, as where who was
 * asked left), `unavailable` (of reads). When this member fails they reject with what stopped it, `indeterminate` where a change was begun.
 *
 * A member's events are about what its own calls did, and what the calls of others did to the entries that it holds.
 */
export class SeparatedStorage<K, V> extends GridStorage<K, V> {
  readonly #keyCalls: KeyCalls;
  readonly #clock: Clock;

  /** For `Collections`, which makes the storages. */
  constructor(context: CollectionContext, options: SeparatedStorageOptions<K, V>) {
    const { clock } = context;
    const changed: EntryChanged = (operation, slot, before, value) => this.#changed(operation, slot, before, value);
    const service = new KeyService(clock, changed);
    super(context, StorageKind.SEPARATED_STORAGE, options, service);
    this.#clock = clock;
    const { participation, requests } = this.member;
    this.#keyCalls = new KeyCalls(participation, service, new KeyBatches(requests, this.limits, clock), this.calls);
  }

  /** How many entries this member holds. */
  get localSize(): number {
    return this.member.grid?.held.size ?? 0;
  }

  /** The value, where this member holds the key. @throws CodecError */
  localGet(key: K): V | undefined {
    const value = this.member.grid?.held.get(this.codec.slotOf(key));
    return value === undefined ? undefined : this.codec.decodeValue(value);
  }

  async size(options?: GridCallOptions): Promise<number> {
    let total = 0;
    const size = (part: number): void => {
      total += part;
    };
    const restart = (): void => {
      total = 0;
    };
    await this.wholeCalls.ask({ type: MessageType.GET_SIZE_REQUEST }, options, { size, restart });
    return total;
  }

  async getAll(keys: Iterable<K>, options?: GridCallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#pairs(await this.#onKeys(MessageType.GET_ENTRIES_REQUEST, () => this.codec.keys(keys), options));
  }

  async setAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    const type = MessageType.UPDATE_ENTRIES_REQUEST;
    const items = await this.#onKeys(type, () => this.codec.entries(entries), options);
    for (const { key, before, value = '' } of items) this.#written(() => key, before, value);
    return this.#pairs(items);
  }

  async insertAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#pairs(await this.#insert('created', entries, options));
  }

  async deleteAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlySet<K>> {
    const items = await this.#takeOut('deleted', MessageType.DELETE_ENTRIES_REQUEST, keys, options);
    return new Set(items.filter(({ before }) => before !== undefined).map(({ key }) => key));
  }

  async evictAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#pairs(await this.#takeOut('evicted', MessageType.REMOVE_ENTRIES_REQUEST, keys, options));
  }

  async restoreAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlySet<K>> {
    const items = await this.#insert('restored', entries, options);
    return new Set(items.filter(({ before }) => before === undefined).map(({ key }) => key));
  }

  protected local(): Iterable<readonly [string, string]> {
    return this.member.grid?.held.entries() ?? [];
  }

  protected encodedKeyOf(slot: string): string {
    return slot;
  }

  async #insert(
    event: 'created' | 'restored',
    entries: Iterable<readonly [K, V]>,
    options: CallOptions | undefined,
  ): Promise<KeyItem<K>[]> {
    const type = MessageType.INSERT_ENTRIES_REQUEST;
    const items = await this.#onKeys(type, () => this.codec.entries(entries), options);
    for (const { key, before, value = '' } of items) if (before === undefined) this.#tell(event, () => key, value);
    return items;
  }

  async #takeOut(
    event: 'deleted' | 'evicted',
    operation: KeyOperation,
    keys: Iterable<K>,
    options: CallOptions | undefined,
  ): Promise<KeyItem<K>[]> {
    const items = await this.#onKeys(operation, () => this.codec.keys(keys), options);
    for (const { key, before } of items) if (before !== undefined) this.#tell(event, () => key, before);
    return items;
  }

  /** Resolves with the items once the call is done, or, of a read that may be partial, as far as it is. */
  async #onKeys(
    operation: KeyOperation,
    encode: () => readonly EncodedEntry<K>[],
    options: GridCallOptions | undefined,
  ): Promise<KeyItem<K>[]> {
    const patience = this.calls.begin(options);
    const items = encode().map((entry) => new KeyItem(entry));
    if (items.length === 0) return items;
    const slots = items.map(({ slot }) => slot);
    const isRead = operation === MessageType.GET_ENTRIES_REQUEST;
    if (isRead && !patience.ended && this.calls.isFree(slots) && this.#keyCalls.readHere(items)) return items;
    this.calls.requireRoom(() => this.#concernedBy(slots, isRead));
    const call = { operation, items, patience };
    const running = this.calls.inTurn(slots, patience, () => this.#keyCalls.run(call), kindOf(operation));
    const end = this.#endOf(items, isRead, isRead && options?.onMissing !== undefined);
    const ended = this.calls.end(running, patience, end);
    await (isRead ? this.calls.orPartial(ended, () => this.#progressOf(items).missing, options) : ended);
    return items;
  }

  #endOf(items: readonly KeyItem[], isRead: boolean, isPartEnough: boolean): CallEnd {
    const exposed = (): boolean => !isRead && items.some((item) => item.exposed);
    return {
      unanswered: (cause) => {
        const { silent, missing } = this.#progressOf(items);
        if (!isRead) return this.calls.unchanged(silent, exposed(), cause);
        return this.calls.unreadable(silent.size > 0 ? silent : missing, cause);
      },
      exposed,
      workedOnAt: () => this.#progressOf(items).workedOnAt(isPartEnough),
      stuckWith: () => this.#progressOf(items).stuckWith(isRead),
    };
  }

  #concernedBy(slots: readonly string[], isRead: boolean): readonly Participant[] {
    const { grid } = this.member;
    return grid === undefined ? [] : slots.flatMap((slot) => concernedBy(grid, slot, isRead));
  }

  #progressOf(items: readonly KeyItem[]): KeyProgress {
    return new KeyProgress(items, this.member.grid, this.#clock.now());
  }

  /** By the call of another member. */
  #changed(operation: KeyOperation, slot: string, before: string, value: string | undefined): void {
    const key = (): K => this.keyOf(slot);
    if (operation === MessageType.UPDATE_ENTRIES_REQUEST) this.#written(key, before, value ?? '');
    else this.#tell(operation === MessageType.REMOVE_ENTRIES_REQUEST ? 'evicted' : 'deleted', key, before);
  }

  #written(key: () => K, before: string | undefined, value: string): void {
    if (before === undefined) return this.#tell('created', key, value);
    const decoded = (encoded: string) => (): V => this.codec.decodeValue(encoded);
    this.listeners.updated(key, decoded(before), decoded(value));
  }

  #tell(event: 'created' | 'restored' | 'deleted' | 'evicted', key: () => K, value: string): void {
    this.listeners.tell(event, key, () => this.codec.decodeValue(value));
  }

  #pairs(items: readonly KeyItem<K>[]): Map<K, V> {
    const found = new Map<K, V>();
    for (const { key, before } of items) if (before !== undefined) found.set(key, this.codec.decodeValue(before));
    return found;
  }
}

function kindOf(operation: KeyOperation): CallKind {
  if (operation === MessageType.GET_ENTRIES_REQUEST) return 'read';
  return writes(operation) ? 'claim' : 'change';
}

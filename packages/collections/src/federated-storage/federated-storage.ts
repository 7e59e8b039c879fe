import { type HamokMessage, MessageType, StorageKind } from '@hamok/messages';
import type { CollectionContext } from '../collection.js';
import { ClosedError, CodecError, IndeterminateError, MergeError, NotCommittedError, OptionError } from '../errors.js';
import { idOf } from '../member-id.js';
import type { CallOptions } from '../session/call.js';
import type { Storage } from '../storage/storage.js';
import type { EncodedEntry } from '../storage-grid/entry-codec.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import { GridStorage, type InOrder } from '../storage-grid/grid-storage.js';
import type { GridCallOptions, GridStorageOptions } from '../storage-grid/grid-storage-options.js';
import { HeldVersions, splitSlot } from './versions.js';

export interface FederatedStorageOptions<K, V> extends GridStorageOptions<K, V> {
  /**
   * Makes one value of the versions of a key, each writer's once, at least one, in an order that is the same on every member (that of
   * the writers' names). It must not change them. A sum, a maximum, a union are such functions; what it throws rejects the read.
   */
  readonly merge: (versions: readonly V[], key: K) => V;
}

/** The versions of one key, by the slot in which each is held. */
type Versions = Map<string, string>;

const entriesAPart = 1024;

/**
 * A storage to which every member writes versions of its own: a read asks all members, and merges the versions of a key with the
 * program's function, each once. A write is local, and acknowledged when those who keep its copies have it. What a member wrote stays
 * when it leaves: another one restores it from a copy, as the version of who wrote it. A member that comes back is another writer.
 *
 * `set` and `insert` concern this member's own version, and resolve with that; whatever reads or deletes concerns all of them.
 * Calls reject as those of `SeparatedStorage`, and with `merge` where that function throws.
 */
export class FederatedStorage<K, V> extends GridStorage<K, V> implements Storage<K, V> {
  readonly #merge: FederatedStorageOptions<K, V>['merge'];
  #versions: HeldVersions | undefined;

  /** For `Collections`, which makes the storages. */
  constructor(context: CollectionContext, options: FederatedStorageOptions<K, V>) {
    const held = (grid: EntryGrid): HeldVersions => this.#held(grid);
    super(context, StorageKind.FEDERATED_STORAGE, options, {
      entries: (grid, keys) => held(grid).of(keys),
      takeOut: (grid, _type, keys) => held(grid).takeOut(keys, entriesAPart),
    });
    if (typeof options.merge !== 'function') throw new OptionError('merge', 'must be a function');
    this.#merge = options.merge;
  }

  /** How many versions this member wrote, and has not deleted. */
  get localSize(): number {
    let size = 0;
    for (const _ of this.#own()) size++;
    return size;
  }

  /** The keys of which this member has a version of its own. */
  *localKeys(): IterableIterator<K> {
    for (const [slot] of this.#own()) yield this.keyOf(slot);
  }

  /** This member's own versions. */
  *localEntries(): IterableIterator<readonly [K, V]> {
    for (const [slot, value] of this.#own()) yield [this.keyOf(slot), this.codec.decodeValue(value)];
  }

  /** This member's own version. @throws CodecError */
  localGet(key: K): V | undefined {
    const value = this.#versions?.own(this.codec.slotOf(key));
    return value === undefined ? undefined : this.codec.decodeValue(value);
  }

  async size(options?: GridCallOptions): Promise<number> {
    return (await this.#allKeys(options)).size;
  }

  async isEmpty(options?: GridCallOptions): Promise<boolean> {
    return (await this.size(options)) === 0;
  }

  async keys(options?: GridCallOptions): Promise<ReadonlySet<K>> {
    return new Set(Array.from(await this.#allKeys(options), (key) => this.codec.decodeKey(key)));
  }

  async get(key: K, options?: GridCallOptions): Promise<V | undefined> {
    for (const [, value] of await this.getAll([key], options)) return value;
    return undefined;
  }

  async getAll(keys: Iterable<K>, options?: GridCallOptions): Promise<ReadonlyMap<K, V>> {
    const type = MessageType.GET_ENTRIES_REQUEST;
    return this.#mergeAll(await this.#ask(type, () => this.codec.keys(keys), options));
  }

  /** The versions of a key that are not merged: each with the id of the member that wrote it, the same id twice where it came back. */
  async versions(key: K, options?: GridCallOptions): Promise<readonly (readonly [memberId: string, V])[]> {
    const [asked] = await this.#ask(MessageType.GET_ENTRIES_REQUEST, () => this.codec.keys([key]), options);
    return inOrder(asked?.versions ?? new Map()).map(([slot, value]) => [
      idOf(splitSlot(slot)?.writerId ?? ''),
      this.codec.decodeValue(value),
    ]);
  }

  /** Resolves with the version that this member had before. */
  async set(key: K, value: V, options?: CallOptions): Promise<V | undefined> {
    return first(await this.setAll([[key, value]], options));
  }

  async setAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    const before = new Map<K, V>();
    const written = await this.#write(() => this.codec.entries(entries), options);
    for (const { entry, before: version } of written) {
      const value = (): V => this.codec.decodeValue(entry.value ?? '');
      if (version === undefined) {
        this.listeners.tell('created', (events) => events.emit('created', entry.key, value()));
        continue;
      }
      const old = this.codec.decodeValue(version);
      before.set(entry.key, old);
      this.listeners.tell('updated', (events) => events.emit('updated', entry.key, old, value()));
    }
    return before;
  }

  /** Writes this member's version where no member has one. Two members that do so at once both write theirs. */
  async insert(key: K, value: V, options?: CallOptions): Promise<V | undefined> {
    return first(await this.insertAll([[key, value]], options));
  }

  async insertAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return (await this.#insert('created', entries, options)).there;
  }

  /** Deletes all members' versions. */
  async delete(key: K, options?: CallOptions): Promise<boolean> {
    return (await this.deleteAll([key], options)).size > 0;
  }

  async deleteAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlySet<K>> {
    return new Set((await this.#takeOut('deleted', MessageType.DELETE_ENTRIES_REQUEST, keys, options)).keys());
  }

  async evict(key: K, options?: CallOptions): Promise<boolean> {
    return (await this.evictAll([key], options)).size > 0;
  }

  /** Resolves with the merged entries that were taken out. */
  async evictAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#takeOut('evicted', MessageType.REMOVE_ENTRIES_REQUEST, keys, options);
  }

  async restore(key: K, value: V, options?: CallOptions): Promise<boolean> {
    return (await this.restoreAll([[key, value]], options)).size > 0;
  }

  async restoreAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlySet<K>> {
    return (await this.#insert('restored', entries, options)).written;
  }

  /** Deletes all members' versions of all keys. What is written meanwhile may stay. */
  async clear(options?: GridCallOptions): Promise<void> {
    await this.whole({ type: MessageType.CLEAR_ENTRIES_REQUEST }, options, { restart: () => undefined });
    this.listeners.tell('cleared', (events) => events.emit('cleared'));
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<readonly [K, V]> {
    return this.entries();
  }

  /** The merged entries, each key once. */
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
    const key = splitSlot(slot)?.key;
    if (key === undefined) throw new CodecError('a version without its writer');
    return this.codec.decodeKey(key);
  }

  protected isWhole(): boolean {
    return true;
  }

  protected async serve(_grid: EntryGrid, _from: unknown, _request: HamokMessage): Promise<void> {}

  protected override restoredHere(slot: string): void {
    const grid = this.participation.grid;
    if (grid !== undefined) this.#held(grid).adopt(slot);
  }

  #held(grid: EntryGrid): HeldVersions {
    this.#versions = this.#versions?.isOf(grid) === true ? this.#versions : new HeldVersions(grid);
    return this.#versions;
  }

  *#own(): IterableIterator<readonly [string, string]> {
    const grid = this.participation.grid;
    const versions = grid && this.#held(grid);
    for (const version of versions?.of(undefined) ?? []) if (versions?.isOwn(version[0]) === true) yield version;
  }

  async #allKeys(options: GridCallOptions | undefined): Promise<Set<string>> {
    const found = new Set<string>();
    const collector = {
      part: (slots: readonly string[]) => {
        for (const slot of slots) {
          const key = splitSlot(slot)?.key;
          if (key !== undefined) found.add(key);
        }
      },
      restart: () => found.clear(),
    };
    await this.whole({ type: MessageType.GET_KEYS_REQUEST }, options, collector);
    return found;
  }

  /** Asks all participants for their versions of these keys, or to take them out. Each version counts once, whoever told it. */
  async #ask(
    type: MessageType,
    encode: () => readonly EncodedEntry<K>[],
    options: GridCallOptions | undefined,
    isInTurn = false,
  ): Promise<{ readonly entry: EncodedEntry<K>; readonly versions: Versions }[]> {
    this.requireOpen();
    const asked = encode().map((entry) => ({ entry, versions: new Map<string, string>() }));
    if (asked.length === 0) return asked;
    const byKey = new Map(asked.map(({ entry, versions }) => [entry.slot, versions]));
    const collector = {
      part: (slots: readonly string[], values: readonly string[]) => {
        slots.forEach((slot, at) => {
          byKey.get(splitSlot(slot)?.key ?? '')?.set(slot, values[at] ?? '');
        });
      },
      // What was taken out is not told again.
      restart: () => {
        if (type === MessageType.GET_ENTRIES_REQUEST) for (const { versions } of asked) versions.clear();
      },
    };
    const keys = asked.map(({ entry }) => entry.slot);
    const inOrder: InOrder = (over, call) => (isInTurn ? call() : this.order.run(keys, over, call));
    await this.whole({ type, keys }, options, collector, inOrder);
    return asked;
  }

  async #takeOut(
    event: 'deleted' | 'evicted',
    type: MessageType,
    keys: Iterable<K>,
    options: CallOptions | undefined,
  ): Promise<Map<K, V>> {
    const asked = await this.#ask(type, () => this.codec.keys(keys), options);
    let gone: Map<K, V>;
    try {
      gone = this.#mergeAll(asked);
    } catch (cause) {
      const what = `taken out of "${this.id}", but what was there cannot be merged`;
      throw new MergeError(what, { mayHaveHappened: true, cause });
    }
    for (const [key, value] of gone) this.listeners.tell(event, (events) => events.emit(event, key, value));
    return gone;
  }

  async #insert(
    event: 'created' | 'restored',
    entries: Iterable<readonly [K, V]>,
    options: CallOptions | undefined,
  ): Promise<{ readonly there: Map<K, V>; readonly written: Set<K> }> {
    this.requireOpen();
    const encoded = this.codec.entries(entries);
    const there = new Map<K, V>();
    const keys = new Set<K>();
    const slots = encoded.map(({ slot }) => slot);
    await this.order.run(slots, this.patience(options).over, async () => {
      const asked = await this.#ask(MessageType.GET_ENTRIES_REQUEST, () => encoded, options, true);
      for (const [key, value] of this.#mergeAll(asked)) there.set(key, value);
      const missing = encoded.filter(({ key }) => !there.has(key));
      for (const { entry } of await this.#write(() => missing, options, true)) keys.add(entry.key);
    });
    for (const { key, value = '' } of encoded)
      if (keys.has(key)) this.listeners.tell(event, (events) => events.emit(event, key, this.codec.decodeValue(value)));
    return { there, written: keys };
  }

  /** Writes own versions. Resolves with what each was before. */
  async #write(
    encode: () => readonly EncodedEntry<K>[],
    options: CallOptions | undefined,
    isInTurn = false,
  ): Promise<{ readonly entry: EncodedEntry<K>; readonly before: string | undefined }[]> {
    this.requireOpen();
    const patience = this.patience(options);
    const entries = encode();
    if (entries.length === 0) return [];
    let made = false;
    const write = async () => {
      const grid = this.participation.grid ?? (await this.participation.joined());
      if (patience.ended) return [];
      const versions = this.#held(grid);
      const outcomes = entries.map((entry) => ({ entry, before: versions.own(entry.slot) }));
      made = true;
      const written: string[] = [];
      for (const { entry } of outcomes) {
        const slot = versions.ownSlot(entry.slot);
        grid.held.set(slot, entry.value ?? '');
        written.push(slot);
      }
      await grid.held.spread(written);
      return outcomes;
    };
    const slots = entries.map(({ slot }) => slot);
    const ended = (cause: unknown): Error =>
      made
        ? new IndeterminateError('it ended before it was acknowledged', cause)
        : new NotCommittedError('it ended before it was made', 'unavailable', cause);
    const running = isInTurn ? write() : this.order.run(slots, patience.over, write);
    return patience.limit(running, ended).catch((error: unknown) => {
      throw this.closed ? new ClosedError(`"${this.id}"`, made) : error;
    });
  }

  #mergeAll(asked: readonly { readonly entry: EncodedEntry<K>; readonly versions: Versions }[]): Map<K, V> {
    const merged = new Map<K, V>();
    for (const { entry, versions } of asked) {
      if (versions.size === 0) continue;
      const values = inOrder(versions).map(([, value]) => this.codec.decodeValue(value));
      try {
        merged.set(entry.key, this.#merge(values, entry.key));
      } catch (cause) {
        throw new MergeError(`the versions of a key of "${this.id}" cannot be merged`, { cause });
      }
    }
    return merged;
  }
}

function inOrder(versions: Versions): [string, string][] {
  return [...versions].sort(([a], [b]) => (a < b ? -1 : 1));
}

function first<V>(values: ReadonlyMap<unknown, V>): V | undefined {
  for (const value of values.values()) return value;
  return undefined;
}

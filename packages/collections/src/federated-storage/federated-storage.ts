import { MessageType, StorageKind } from '@hamok/messages';
import { notPromised } from '../arguments.js';
import type { CollectionContext } from '../collection.js';
import { CodecError, MergeError, OptionError, UnavailableError } from '../errors.js';
import { idOf } from '../member-id.js';
import type { CallOptions } from '../session/call.js';
import type { EncodedEntry } from '../storage-grid/entry-codec.js';
import { GridStorage } from '../storage-grid/grid-storage.js';
import type { GridCallOptions, GridStorageOptions } from '../storage-grid/grid-storage-options.js';
import { type FoundVersions, VersionCalls, type WrittenVersion } from './version-calls.js';
import { VersionService } from './version-service.js';
import { byWriter, splitSlot } from './versions.js';

export interface FederatedStorageOptions<K, V> extends GridStorageOptions<K, V> {
  /**
   * Makes one value of the versions of a key, each writer's once, at least one, in an order that is the same on every member (that of
   * the writers' names). It must not change them, nor be asynchronous; what it throws rejects the read. A maximum and a union are such functions: what
   * they gave may be merged, and written, again. So is a sum, but what *it* gave must never be written: a version would hold that of others, and be
   * counted with theirs.
   */
  readonly merge: (versions: readonly V[], key: K) => V;
}

/**
 * A storage to which every member writes versions of its own: a read asks all members, and merges the versions of a key with the
 * program's function, each once. A write is local, and acknowledged when those who keep its copies have it. What a member wrote stays
 * when it leaves: another one restores it from a copy, as the version of who wrote it. A member that comes back is another writer.
 *
 * `set` and `insert` concern this member's own version, and resolve with that; whatever reads or deletes concerns all of them.
 * Calls reject as those of `SeparatedStorage`, and with `merge` where that function throws.
 */
export class FederatedStorage<K, V> extends GridStorage<K, V> {
  readonly #merge: FederatedStorageOptions<K, V>['merge'];
  readonly #service: VersionService;
  readonly #versionCalls: VersionCalls;

  /** For `Collections`, which makes the storages. */
  constructor(context: CollectionContext, options: FederatedStorageOptions<K, V>) {
    if (typeof options.merge !== 'function') throw new OptionError('merge', 'must be a function');
    const service = new VersionService();
    super(context, StorageKind.FEDERATED_STORAGE, options, service);
    this.#merge = options.merge;
    this.#service = service;
    this.#versionCalls = new VersionCalls(this.member.participation, service, this.calls, this.wholeCalls);
  }

  /** How many versions this member wrote, and has not deleted. */
  get localSize(): number {
    let size = 0;
    for (const _ of this.local()) size++;
    return size;
  }

  /** This member's own version. @throws CodecError */
  localGet(key: K): V | undefined {
    const { grid } = this.member;
    const value = grid && this.#service.held(grid).own(this.codec.slotOf(key));
    return value === undefined ? undefined : this.codec.decodeValue(value);
  }

  async size(options?: GridCallOptions): Promise<number> {
    return (await this.encodedKeys(options)).size;
  }

  async getAll(keys: Iterable<K>, options?: GridCallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#mergeAll(await this.#read(keys, options));
  }

  /** The versions of a key that are not merged: each with the id of the member that wrote it, the same id twice where it came back. */
  async versions(key: K, options?: GridCallOptions): Promise<readonly (readonly [memberId: string, V])[]> {
    const [found] = await this.#read([key], options);
    return byWriter(found?.versions ?? new Map()).map(([slot, value]) => [
      idOf(splitSlot(slot)?.writerId ?? ''),
      this.codec.decodeValue(value),
    ]);
  }

  /** Resolves with the versions that this member had before. */
  async setAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    this.calls.requireOpen();
    const found = new Map<K, V>();
    for (const written of await this.#versionCalls.write(this.codec.entries(entries), options)) {
      this.#tellWritten(written);
      const { entry, before } = written;
      if (before !== undefined) found.set(entry.key, this.codec.decodeValue(before));
    }
    return found;
  }

  /**
   * Makes this member's next version of the one before, undefined where it has none, and resolves with it. `change` is called when it is
   * the call's turn: calls that overlap count each, and a member that was removed meanwhile begins a version anew, beside its restored one.
   * Where `change` throws, the call rejects with that, and nothing is written; with an OptionError where it is asynchronous.
   */
  async update(key: K, change: (own: V | undefined) => V, options?: CallOptions): Promise<V> {
    this.calls.requireOpen();
    const next = ({ slot }: EncodedEntry<K>, before: string | undefined): string => {
      const own = before === undefined ? undefined : this.codec.decodeValue(before);
      return this.codec.encodeValue(notPromised('change', change(own)), slot);
    };
    const [written] = await this.#versionCalls.write(this.codec.keys([key]), options, next);
    if (written === undefined) throw new UnavailableError(`"${this.id}" did not answer in time`);
    this.#tellWritten(written);
    return this.codec.decodeValue(written.value);
  }

  /** Writes this member's versions of keys of which no member has one. Two members that do so at once both write theirs. */
  async insertAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return (await this.#insert('created', entries, options)).there;
  }

  /**
   * Deletes all members' versions that were acknowledged before. Resolves with the keys of which some were found: a member that leaves in
   * the midst of it may have deleted some and not told. A key that is not among them had no version, or has none any more.
   */
  async deleteAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlySet<K>> {
    return new Set((await this.#takeOut('deleted', MessageType.DELETE_ENTRIES_REQUEST, keys, options)).keys());
  }

  /** Takes out all members' versions, as `deleteAll` does. Resolves with what was found, merged. */
  async evictAll(keys: Iterable<K>, options?: CallOptions): Promise<ReadonlyMap<K, V>> {
    return this.#takeOut('evicted', MessageType.REMOVE_ENTRIES_REQUEST, keys, options);
  }

  async restoreAll(entries: Iterable<readonly [K, V]>, options?: CallOptions): Promise<ReadonlySet<K>> {
    return (await this.#insert('restored', entries, options)).written;
  }

  /** This member's own versions. */
  protected *local(): IterableIterator<readonly [string, string]> {
    const { grid } = this.member;
    if (grid === undefined) return;
    const held = this.#service.held(grid);
    for (const version of held.of(undefined)) if (held.isOwn(version[0])) yield version;
  }

  protected encodedKeyOf(slot: string): string | undefined {
    return splitSlot(slot)?.key;
  }

  protected override keyOf(slot: string): K {
    if (splitSlot(slot) === undefined) throw new CodecError('a version without its writer');
    return super.keyOf(slot);
  }

  async #read(keys: Iterable<K>, options: GridCallOptions | undefined): Promise<FoundVersions<K>[]> {
    this.calls.requireOpen();
    return this.#versionCalls.ask(MessageType.GET_ENTRIES_REQUEST, this.codec.keys(keys), options);
  }

  async #takeOut(
    event: 'deleted' | 'evicted',
    type: MessageType,
    keys: Iterable<K>,
    options: CallOptions | undefined,
  ): Promise<Map<K, V>> {
    this.calls.requireOpen();
    const found = await this.#versionCalls.ask(type, this.codec.keys(keys), options);
    let gone: Map<K, V>;
    try {
      gone = this.#mergeAll(found);
    } catch (cause) {
      const what = `taken out of "${this.id}", but what was there cannot be merged`;
      throw new MergeError(what, { mayHaveHappened: true, cause });
    }
    for (const [key, value] of gone)
      this.listeners.tell(
        event,
        () => key,
        () => value,
      );
    return gone;
  }

  async #insert(
    event: 'created' | 'restored',
    entries: Iterable<readonly [K, V]>,
    options: CallOptions | undefined,
  ): Promise<{ readonly there: Map<K, V>; readonly written: Set<K> }> {
    this.calls.requireOpen();
    const encoded = this.codec.entries(entries);
    let there = new Map<K, V>();
    const versions = await this.#versionCalls.insert(encoded, options, (found) => {
      there = this.#mergeAll(found);
      return encoded.filter(({ key }) => !there.has(key));
    });
    const written = new Set<K>();
    for (const { entry, value } of versions) {
      written.add(entry.key);
      this.listeners.tell(
        event,
        () => entry.key,
        () => this.codec.decodeValue(value),
      );
    }
    return { there, written };
  }

  #tellWritten({ entry, before, value }: WrittenVersion<K>): void {
    const decoded = (encoded: string) => (): V => this.codec.decodeValue(encoded);
    if (before === undefined) this.listeners.tell('created', () => entry.key, decoded(value));
    else this.listeners.updated(() => entry.key, decoded(before), decoded(value));
  }

  #mergeAll(found: readonly FoundVersions<K>[]): Map<K, V> {
    const merged = new Map<K, V>();
    for (const { entry, versions } of found) {
      if (versions.size === 0) continue;
      const values = byWriter(versions).map(([, value]) => this.codec.decodeValue(value));
      try {
        merged.set(entry.key, notPromised('merge', this.#merge(values, entry.key)));
      } catch (cause) {
        throw new MergeError(`the versions of a key of "${this.id}" cannot be merged`, { cause });
      }
    }
    return merged;
  }
}

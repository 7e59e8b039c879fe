import type { EventEmitter } from 'eventemitter3';
import { requireCodec } from '../../arguments.js';
import { ClosedError, OptionError } from '../../errors.js';
import { entriesById, keysById, requirePresent } from '../batch.js';
import type { Storage, StorageEvents } from '../storage.js';
import { requireStorageOptions } from '../storage-arguments.js';
import { StorageListeners } from '../storage-listeners.js';
import { asTheyAre, encodedBy, type KeptValues } from './kept-values.js';
import { type KeyIdentity, keyIdentity } from './key-identity.js';
import { MemoryEntries } from './memory-entries.js';
import type { MemoryStorageOptions } from './memory-options.js';

/**
 * Keeps entries in this process. Values are kept by reference, whatever they are, unless there is a `valueCodec`. Batches are atomic. With `expireAfterWriteInMs` or
 * `expireAfterAccessInMs` entries end: never early, and nobody gets one that has ended, though its event comes a little later where
 * very many end at once. `close` lets go of all entries, and of the one timer that waits for the next end.
 *
 * @throws OptionError for a wrong option
 */
export function memoryStorage<K, V>(options: MemoryStorageOptions<K, V>): Storage<K, V> {
  requireStorageOptions(options);
  for (const field of ['expireAfterWriteInMs', 'expireAfterAccessInMs'] as const) {
    const lifetime = options[field];
    if (lifetime !== undefined && !(typeof lifetime === 'number' && lifetime > 0))
      throw new OptionError(field, 'must be a number above 0');
  }
  const { valueCodec } = options;
  if (valueCodec === undefined) return new MemoryStorage<K, V, V>(options, asTheyAre());
  requireCodec('valueCodec', valueCodec);
  return new MemoryStorage<K, V, Uint8Array>(options, encodedBy(valueCodec));
}

/** An entry that is to be written. */
interface Writing<K, V, Kept> {
  readonly id: unknown;
  readonly key: K;
  readonly value: V;
  readonly kept: Kept;
}

class MemoryStorage<K, V, Kept> implements Storage<K, V> {
  readonly id: string;
  readonly #identify: KeyIdentity<K>;
  readonly #listeners: StorageListeners<K, V>;
  readonly #values: KeptValues<V, Kept>;
  readonly #entries: MemoryEntries<K, Kept>;
  #closed = false;

  constructor(options: MemoryStorageOptions<K, V>, values: KeptValues<V, Kept>) {
    this.id = options.id;
    this.#identify = keyIdentity(options.keyCodec);
    this.#listeners = new StorageListeners(this.id, options.onError);
    this.#values = values;
    this.#entries = new MemoryEntries(options, (key, kept) => this.#listeners.expired(key, () => values.give(kept)));
  }

  get closed(): boolean {
    return this.#closed;
  }

  get events(): EventEmitter<StorageEvents<K, V>> {
    return this.#listeners.events;
  }

  async size(): Promise<number> {
    this.#requireOpen();
    return this.#entries.size;
  }

  async isEmpty(): Promise<boolean> {
    return (await this.size()) === 0;
  }

  async keys(): Promise<ReadonlySet<K>> {
    this.#requireOpen();
    return new Set(Array.from(this.#entries, ({ key }) => key));
  }

  async get(key: K): Promise<V | undefined> {
    return this.#give(this.#entries.read(this.#idOf(key))?.value);
  }

  async getAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>> {
    const found = new Map<K, V>();
    for (const [id, key] of this.#keysById(keys)) {
      const entry = this.#entries.read(id);
      if (entry !== undefined) found.set(key, this.#values.give(entry.value));
    }
    return found;
  }

  async set(key: K, value: V): Promise<V | undefined> {
    const id = this.#idOf(key);
    requirePresent('value', value);
    const before = this.#give(this.#entries.write(id, key, this.#values.keep(value)));
    this.#listeners.written(key, before, value);
    return before;
  }

  async setAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>> {
    const batch = this.#entriesOf(entries);
    const before = new Map<K, V>();
    for (const { id, key, kept } of batch) {
      const old = this.#give(this.#entries.write(id, key, kept));
      if (old !== undefined) before.set(key, old);
    }
    for (const { key, value } of batch) this.#listeners.written(key, before.get(key), value);
    return before;
  }

  async insert(key: K, value: V): Promise<V | undefined> {
    return (await this.insertAll([[key, value]])).get(key);
  }

  async insertAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>> {
    const { taken, made } = this.#writeWhereFree(entries);
    for (const [key, value] of made) this.#listeners.written(key, undefined, value);
    return taken;
  }

  async delete(key: K): Promise<boolean> {
    return (await this.deleteAll([key])).size > 0;
  }

  async deleteAll(keys: Iterable<K>): Promise<ReadonlySet<K>> {
    return new Set(this.#takeOut('deleted', keys).keys());
  }

  async evict(key: K): Promise<boolean> {
    return (await this.evictAll([key])).size > 0;
  }

  async evictAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>> {
    return this.#takeOut('evicted', keys);
  }

  async restore(key: K, value: V): Promise<boolean> {
    return (await this.restoreAll([[key, value]])).size > 0;
  }

  async restoreAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlySet<K>> {
    const { made } = this.#writeWhereFree(entries);
    for (const [key, value] of made) this.#listeners.restored(key, value);
    return new Set(made.keys());
  }

  async clear(): Promise<void> {
    this.#requireOpen();
    this.#entries.clear();
    this.#listeners.cleared();
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<readonly [K, V]> {
    this.#requireOpen();
    for (const { key, value } of this.#entries) {
      yield [key, this.#values.give(value)];
      this.#requireOpen();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#entries.clear();
    this.#listeners.closed();
  }

  #writeWhereFree(entries: Iterable<readonly [K, V]>): { taken: Map<K, V>; made: Map<K, V> } {
    const taken = new Map<K, V>();
    const made = new Map<K, V>();
    for (const { id, key, value, kept } of this.#entriesOf(entries)) {
      const entry = this.#entries.read(id);
      if (entry !== undefined) {
        taken.set(key, this.#values.give(entry.value));
      } else {
        this.#entries.write(id, key, kept);
        made.set(key, value);
      }
    }
    return { taken, made };
  }

  #takeOut(why: 'deleted' | 'evicted', keys: Iterable<K>): Map<K, V> {
    const before = new Map<K, V>();
    for (const [id, key] of this.#keysById(keys)) {
      const entry = this.#entries.remove(id);
      if (entry !== undefined) before.set(key, this.#values.give(entry.value));
    }
    for (const [key, value] of before) this.#listeners.gone(why, key, value);
    return before;
  }

  #give(kept: Kept | undefined): V | undefined {
    return kept === undefined ? undefined : this.#values.give(kept);
  }

  // Who hears of an end may close the storage: it must be open after that.

  #idOf(key: K): unknown {
    requirePresent('key', key);
    const id = this.#identify(key);
    this.#entries.endIfDue(id);
    this.#requireOpen();
    return id;
  }

  #entriesOf(entries: Iterable<readonly [K, V]>): Writing<K, V, Kept>[] {
    const batch: Writing<K, V, Kept>[] = [];
    for (const [id, [key, value]] of entriesById(entries, this.#identify))
      batch.push({ id, key, value, kept: this.#values.keep(value) });
    for (const { id } of batch) this.#entries.endIfDue(id);
    this.#requireOpen();
    return batch;
  }

  #keysById(keys: Iterable<K>): ReadonlyMap<unknown, K> {
    const batch = keysById(keys, this.#identify);
    for (const id of batch.keys()) this.#entries.endIfDue(id);
    this.#requireOpen();
    return batch;
  }

  #requireOpen(): void {
    if (this.#closed) throw new ClosedError(`storage "${this.id}"`);
  }
}

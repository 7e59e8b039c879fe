import type { EventEmitter } from 'eventemitter3';
import { ClosedError, OptionError } from '../../errors.js';
import { entriesById, keysById, requirePresent } from '../batch.js';
import type { Storage, StorageEvents } from '../storage.js';
import { requireStorageOptions } from '../storage-arguments.js';
import { StorageListeners } from '../storage-listeners.js';
import { type KeyIdentity, keyIdentity } from './key-identity.js';
import { MemoryEntries } from './memory-entries.js';
import type { MemoryStorageOptions } from './memory-options.js';

/**
 * Keeps entries in this process. Values are kept by reference, whatever they are. Batches are atomic. With `expireAfterWriteInMs` or
 * `expireAfterAccessInMs` entries end: never early, and nobody gets one that has ended, though its event comes a little later where
 * very many end at once. `close` lets go of all entries, and of the one timer that waits for the next end.
 *
 * @throws OptionError for a wrong option
 */
export function memoryStorage<K, V>(options: MemoryStorageOptions<K>): Storage<K, V> {
  requireStorageOptions(options);
  for (const field of ['expireAfterWriteInMs', 'expireAfterAccessInMs'] as const) {
    const lifetime = options[field];
    if (lifetime !== undefined && !(typeof lifetime === 'number' && lifetime > 0))
      throw new OptionError(field, 'must be a number above 0');
  }
  return new MemoryStorage<K, V>(options);
}

class MemoryStorage<K, V> implements Storage<K, V> {
  readonly id: string;
  readonly #identify: KeyIdentity<K>;
  readonly #listeners: StorageListeners<K, V>;
  readonly #entries: MemoryEntries<K, V>;
  #closed = false;

  constructor(options: MemoryStorageOptions<K>) {
    this.id = options.id;
    this.#identify = keyIdentity(options.keyCodec);
    this.#listeners = new StorageListeners(this.id, options.onError);
    this.#entries = new MemoryEntries(options, (key, value) => this.#listeners.gone('expired', key, value));
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
    return this.#entries.read(this.#idOf(key))?.value;
  }

  async getAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>> {
    const found = new Map<K, V>();
    for (const [id, key] of this.#keysById(keys)) {
      const entry = this.#entries.read(id);
      if (entry !== undefined) found.set(key, entry.value);
    }
    return found;
  }

  async set(key: K, value: V): Promise<V | undefined> {
    const id = this.#idOf(key);
    requirePresent('value', value);
    const before = this.#entries.write(id, key, value);
    this.#listeners.written(key, before, value);
    return before;
  }

  async setAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>> {
    const batch = this.#entriesById(entries);
    const before = new Map<K, V>();
    for (const [id, [key, value]] of batch) {
      const old = this.#entries.write(id, key, value);
      if (old !== undefined) before.set(key, old);
    }
    for (const [key, value] of batch.values()) this.#listeners.written(key, before.get(key), value);
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
      yield [key, value];
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
    for (const [id, [key, value]] of this.#entriesById(entries)) {
      const entry = this.#entries.read(id);
      if (entry !== undefined) {
        taken.set(key, entry.value);
      } else {
        this.#entries.write(id, key, value);
        made.set(key, value);
      }
    }
    return { taken, made };
  }

  #takeOut(why: 'deleted' | 'evicted', keys: Iterable<K>): Map<K, V> {
    const before = new Map<K, V>();
    for (const [id, key] of this.#keysById(keys)) {
      const entry = this.#entries.remove(id);
      if (entry !== undefined) before.set(key, entry.value);
    }
    for (const [key, value] of before) this.#listeners.gone(why, key, value);
    return before;
  }

  // Who hears of an end may close the storage: it must be open after that.

  #idOf(key: K): unknown {
    requirePresent('key', key);
    const id = this.#identify(key);
    this.#entries.endIfDue(id);
    this.#requireOpen();
    return id;
  }

  #entriesById(entries: Iterable<readonly [K, V]>): ReadonlyMap<unknown, readonly [K, V]> {
    const batch = entriesById(entries, this.#identify);
    for (const id of batch.keys()) this.#entries.endIfDue(id);
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

import type { EventEmitter } from 'eventemitter3';
import { ClosedError } from '../../errors.js';
import type { StorageEvents } from '../storage.js';
import { StorageListeners } from '../storage-listeners.js';
import type { StorageView, TransactionalStorage } from '../transactional-storage.js';
import type { DatabaseStorageOptions } from './database-options.js';
import { EntriesView } from './entries-view.js';
import type { EntryCodec } from './entry-codec.js';
import { RecordedChanges } from './recorded-changes.js';
import type { DatabaseTable } from './table.js';

/** A storage over a table of a database. Its events tell what is done through it, and nothing that others do to the table. */
export class DatabaseStorage<K, V> implements TransactionalStorage<K, V> {
  readonly id: string;
  readonly #listeners: StorageListeners<K, V>;
  readonly #entries: EntriesView<K, V>;
  #closing: Promise<void> | undefined;

  constructor(
    options: DatabaseStorageOptions<K, V>,
    private readonly table: DatabaseTable,
    private readonly codec: EntryCodec<K, V>,
  ) {
    this.id = options.id;
    this.#listeners = new StorageListeners(this.id, options.onError);
    this.#entries = new EntriesView(table, codec, this.#listeners);
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  get events(): EventEmitter<StorageEvents<K, V>> {
    return this.#listeners.events;
  }

  async size(): Promise<number> {
    return this.#open().size();
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#open().size()) === 0;
  }

  async keys(): Promise<ReadonlySet<K>> {
    return this.#open().keys();
  }

  async get(key: K): Promise<V | undefined> {
    return this.#open().get(key);
  }

  async getAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>> {
    return this.#open().getAll(keys);
  }

  async set(key: K, value: V): Promise<V | undefined> {
    return this.#open().set(key, value);
  }

  async setAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>> {
    return this.#open().setAll(entries);
  }

  async insert(key: K, value: V): Promise<V | undefined> {
    return this.#open().insert(key, value);
  }

  async insertAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>> {
    return this.#open().insertAll(entries);
  }

  async delete(key: K): Promise<boolean> {
    return this.#open().delete(key);
  }

  async deleteAll(keys: Iterable<K>): Promise<ReadonlySet<K>> {
    return this.#open().deleteAll(keys);
  }

  async evict(key: K): Promise<boolean> {
    return (await this.#open().evictAll([key])).size > 0;
  }

  async evictAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>> {
    return this.#open().evictAll(keys);
  }

  async restore(key: K, value: V): Promise<boolean> {
    return (await this.#open().restoreAll([[key, value]])).size > 0;
  }

  async restoreAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlySet<K>> {
    return this.#open().restoreAll(entries);
  }

  async clear(): Promise<void> {
    await this.#open().clear();
  }

  async transact(
    name: string,
    work: (entries: StorageView<K, V>, note: Uint8Array | undefined) => Promise<Uint8Array | undefined>,
  ): Promise<void> {
    this.#open();
    let changes = new RecordedChanges<K, V>();
    await this.table.transact(name, async (table, note) => {
      const made = new RecordedChanges<K, V>();
      const saved = await work(new EntriesView(table, this.codec, made), note);
      changes = saved === undefined ? new RecordedChanges<K, V>() : made;
      return saved;
    });
    changes.tell(this.#listeners);
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<readonly [K, V]> {
    this.#open();
    for await (const page of this.table.pages()) {
      for (const [key, value] of page) {
        this.#open();
        yield [this.codec.decodeKey(key), this.codec.decodeValue(value)];
      }
    }
    this.#open();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.table.close();
    await this.#entries.whenTold();
    this.#listeners.closed();
  }

  #open(): EntriesView<K, V> {
    if (this.closed) throw new ClosedError(`storage "${this.id}"`);
    return this.#entries;
  }
}

import { CodecError } from '../../errors.js';
import type { StorageView } from '../transactional-storage.js';
import type { EncodedEntries, EncodedKeys, EntryCodec } from './entry-codec.js';
import { type Before, PartlyDone, type Table } from './table.js';

/** Who is told of what changed. */
export interface Told<K, V> {
  written(key: K, before: V | undefined, value: V): void;
  restored(key: K, value: V): void;
  gone(why: 'deleted' | 'evicted', key: K, value: V): void;
  cleared(): void;
}

/** A table's entries, decoded. Changes are told of, and resolve, in the order in which they were made. */
export class EntriesView<K, V> implements StorageView<K, V> {
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly table: Table,
    private readonly codec: EntryCodec<K, V>,
    private readonly told: Told<K, V>,
  ) {}

  size(): Promise<number> {
    return this.table.size();
  }

  async keys(): Promise<ReadonlySet<K>> {
    return new Set((await this.table.keys()).map((key) => this.codec.decodeKey(key)));
  }

  async get(key: K): Promise<V | undefined> {
    const [value] = await this.table.get(this.codec.keys([key]).encoded);
    return value && this.codec.decodeValue(value);
  }

  async getAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>> {
    const batch = this.codec.keys(keys);
    if (batch.keys.length === 0) return new Map();
    const values = await this.table.get(batch.encoded);
    const found = new Map<K, V>();
    batch.keys.forEach((key, at) => {
      const value = values[at];
      if (value !== undefined) found.set(key, this.codec.decodeValue(value));
    });
    return found;
  }

  async set(key: K, value: V): Promise<V | undefined> {
    return (await this.setAll([[key, value]])).get(key);
  }

  async setAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>> {
    const batch = this.codec.entries(entries);
    if (batch.entries.length === 0) return new Map();
    return this.#written(batch, this.table.set(batch.encoded), (key, before, value) => {
      this.told.written(key, before, value);
    });
  }

  async insert(key: K, value: V): Promise<V | undefined> {
    return (await this.insertAll([[key, value]])).get(key);
  }

  async insertAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>> {
    const batch = this.codec.entries(entries);
    if (batch.entries.length === 0) return new Map();
    return this.#written(batch, this.table.insert(batch.encoded), (key, taken, value) => {
      if (taken === undefined) this.told.written(key, undefined, value);
    });
  }

  async restoreAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlySet<K>> {
    const batch = this.codec.entries(entries);
    const restored = new Set<K>();
    if (batch.entries.length === 0) return restored;
    await this.#written(batch, this.table.insert(batch.encoded), (key, taken, value) => {
      if (taken !== undefined) return;
      restored.add(key);
      this.told.restored(key, value);
    });
    return restored;
  }

  async delete(key: K): Promise<boolean> {
    return (await this.deleteAll([key])).size > 0;
  }

  async deleteAll(keys: Iterable<K>): Promise<ReadonlySet<K>> {
    return new Set((await this.#takeOut('deleted', this.codec.keys(keys))).keys());
  }

  async evictAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>> {
    return this.#takeOut('evicted', this.codec.keys(keys));
  }

  async clear(): Promise<void> {
    await this.#inOrder(this.table.clear(), () => this.told.cleared());
  }

  /** Resolves when the changes that were begun have ended, and were told of. */
  async whenTold(): Promise<void> {
    await this.#lastChange;
  }

  /** Resolves with the entries that were there before. */
  #written(
    { entries }: EncodedEntries<K, V>,
    change: Promise<readonly Before[]>,
    tell: (key: K, before: V | undefined, value: V) => void,
  ): Promise<Map<K, V>> {
    return this.#changed(change, (at, before, found) => {
      const entry = entries[at];
      if (entry === undefined) return;
      const [key, value] = entry;
      if (before !== undefined) found.set(key, before);
      tell(key, before, value);
    });
  }

  async #takeOut(why: 'deleted' | 'evicted', { keys, encoded }: EncodedKeys<K>): Promise<Map<K, V>> {
    if (keys.length === 0) return new Map();
    return this.#changed(this.table.delete(encoded), (at, before, found) => {
      const key = keys[at];
      if (key === undefined || before === undefined) return;
      found.set(key, before);
      this.told.gone(why, key, before);
    });
  }

  /** Goes through what is known of each key. What is not known, or cannot be decoded, is told by the error alone. */
  #changed(
    change: Promise<readonly Before[]>,
    each: (at: number, before: V | undefined, found: Map<K, V>) => void,
  ): Promise<Map<K, V>> {
    const partly = change.catch((error: unknown) => {
      if (error instanceof PartlyDone) return error;
      throw error;
    });
    return this.#inOrder(partly, (outcome) => {
      const found = new Map<K, V>();
      let failure = outcome instanceof PartlyDone ? outcome.cause : undefined;
      const known = outcome instanceof PartlyDone ? outcome.before : outcome;
      known.forEach((before, at) => {
        if (before === null) return;
        try {
          each(at, before && this.codec.decodeValue(before), found);
        } catch (cause) {
          const what = 'the change was made, but what was there before cannot be decoded';
          failure ??= new CodecError(what, { mayHaveHappened: true, cause });
        }
      });
      if (failure !== undefined) throw failure;
      return found;
    });
  }

  async #inOrder<T, R>(change: Promise<T>, finish: (outcome: T) => R): Promise<R> {
    const before = this.#lastChange;
    const finished = change.then(
      (outcome) => before.then(() => finish(outcome)),
      (error: unknown) =>
        before.then(() => {
          throw error;
        }),
    );
    this.#lastChange = finished.catch(() => undefined);
    return finished;
  }
}

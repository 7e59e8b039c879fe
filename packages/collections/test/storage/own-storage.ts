import { EventEmitter } from 'eventemitter3';
import { ClosedError, CodecError, OptionError, type Storage, type StorageEvents } from '../../src/index.js';

/** What a program that keeps its entries as texts, by texts, makes of the contract: nothing but the interface is used. */
export class OwnStorage<K, V> implements Storage<K, V> {
  readonly events = new EventEmitter<StorageEvents<K, V>>();
  readonly #texts = new Map<string, string>();
  #closed = false;

  constructor(readonly id: string) {}

  get closed(): boolean {
    return this.#closed;
  }

  async size(): Promise<number> {
    this.#requireOpen();
    return this.#texts.size;
  }

  async isEmpty(): Promise<boolean> {
    return (await this.size()) === 0;
  }

  async keys(): Promise<ReadonlySet<K>> {
    this.#requireOpen();
    return new Set(Array.from(this.#texts.keys(), (text) => JSON.parse(text) as K));
  }

  async get(key: K): Promise<V | undefined> {
    return (await this.getAll([key])).get(key);
  }

  async getAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>> {
    this.#requireOpen();
    const found = new Map<K, V>();
    for (const [text, key] of keysByText(keys)) {
      const value = this.#texts.get(text);
      if (value !== undefined) found.set(key, JSON.parse(value) as V);
    }
    return found;
  }

  async set(key: K, value: V): Promise<V | undefined> {
    return (await this.setAll([[key, value]])).get(key);
  }

  async setAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>> {
    this.#requireOpen();
    const batch = entriesByText(entries);
    const before = new Map<K, V>();
    for (const [text, { key, encoded }] of batch) {
      const old = this.#texts.get(text);
      if (old !== undefined) before.set(key, JSON.parse(old) as V);
      this.#texts.set(text, encoded);
    }
    for (const { key, value } of batch.values()) {
      const old = before.get(key);
      if (old === undefined) this.#tell(() => this.events.emit('created', key, value));
      else this.#tell(() => this.events.emit('updated', key, old, value));
    }
    return before;
  }

  async insert(key: K, value: V): Promise<V | undefined> {
    return (await this.insertAll([[key, value]])).get(key);
  }

  async insertAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>> {
    const { taken, made } = this.#insert(entries);
    for (const [key, value] of made) this.#tell(() => this.events.emit('created', key, value));
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
    const { made } = this.#insert(entries);
    for (const [key, value] of made) this.#tell(() => this.events.emit('restored', key, value));
    return new Set(made.keys());
  }

  async clear(): Promise<void> {
    this.#requireOpen();
    this.#texts.clear();
    this.#tell(() => this.events.emit('cleared'));
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<readonly [K, V]> {
    for (const key of await this.keys()) {
      const value = await this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#tell(() => this.events.emit('closed'));
  }

  #insert(entries: Iterable<readonly [K, V]>): { taken: Map<K, V>; made: Map<K, V> } {
    this.#requireOpen();
    const [taken, made] = [new Map<K, V>(), new Map<K, V>()];
    for (const [text, { key, value, encoded }] of entriesByText(entries)) {
      const old = this.#texts.get(text);
      if (old !== undefined) taken.set(key, JSON.parse(old) as V);
      else made.set(key, value);
      if (old === undefined) this.#texts.set(text, encoded);
    }
    return { taken, made };
  }

  #takeOut(event: 'deleted' | 'evicted', keys: Iterable<K>): Map<K, V> {
    this.#requireOpen();
    const out = new Map<K, V>();
    for (const [text, key] of keysByText(keys)) {
      const old = this.#texts.get(text);
      if (old !== undefined) out.set(key, JSON.parse(old) as V);
      this.#texts.delete(text);
    }
    for (const [key, value] of out) this.#tell(() => this.events.emit(event, key, value));
    return out;
  }

  #tell(emit: () => void): void {
    try {
      emit();
    } catch {
      // What a listener throws ends no call.
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new ClosedError(this.id);
  }
}

function keysByText<K>(keys: Iterable<K>): Map<string, K> {
  if (typeof keys?.[Symbol.iterator] !== 'function') throw new OptionError('keys', 'must be iterable');
  const batch = new Map<string, K>();
  for (const key of keys) {
    const text = encode(key);
    if (!batch.has(text)) batch.set(text, key);
  }
  return batch;
}

function entriesByText<K, V>(
  entries: Iterable<readonly [K, V]>,
): Map<string, { readonly key: K; readonly value: V; readonly encoded: string }> {
  if (typeof entries?.[Symbol.iterator] !== 'function') throw new OptionError('entries', 'must be iterable');
  const batch = new Map<string, { readonly key: K; readonly value: V; readonly encoded: string }>();
  for (const entry of entries) {
    if (!Array.isArray(entry)) throw new OptionError('entries', 'must have pairs');
    const [key, value] = entry as readonly [K, V];
    const text = encode(key);
    batch.set(text, { key: batch.get(text)?.key ?? key, value, encoded: encode(value) });
  }
  return batch;
}

function encode(given: unknown): string {
  const text: string | undefined = JSON.stringify(given);
  if (text === undefined) throw new CodecError(`no text for ${typeof given}`);
  return text;
}

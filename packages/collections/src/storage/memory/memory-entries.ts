import { systemClock } from '../../clock.js';
import { Lifetime, Lifetimes } from './lifetimes.js';
import type { MemoryStorageOptions } from './memory-options.js';

export interface MemoryEntry<K, V> {
  readonly id: unknown;
  readonly key: K;
  value: V;
  /** Counts the entries: an iteration ends before those that were made after its begin. */
  readonly order: number;
  /** Undefined where entries do not end. */
  life: Lifetime<MemoryEntry<K, V>> | undefined;
}

const forever = Number.POSITIVE_INFINITY;

type Lifespan = Pick<MemoryStorageOptions<never>, 'expireAfterWriteInMs' | 'expireAfterAccessInMs' | 'clock'>;

/** The entries of one storage by what makes their keys equal, and their ends. What has ended is in here no more for who asks. */
export class MemoryEntries<K, V> {
  readonly #byId = new Map<unknown, MemoryEntry<K, V>>();
  readonly #lifetimes: Lifetimes<MemoryEntry<K, V>> | undefined;
  #made = 0;

  /** @param expired told of an entry whose time ran out, after it was taken out */
  constructor(lifespan: Lifespan, expired: (key: K, value: V) => void) {
    const { expireAfterWriteInMs = forever, expireAfterAccessInMs = forever, clock = systemClock } = lifespan;
    if (expireAfterWriteInMs === forever && expireAfterAccessInMs === forever) return;
    this.#lifetimes = new Lifetimes(clock, expireAfterWriteInMs, expireAfterAccessInMs, (entry) => {
      this.#takeOut(entry);
      expired(entry.key, entry.value);
    });
  }

  /** How many there are, after ending those whose time ran out. */
  get size(): number {
    this.#lifetimes?.endAllDue();
    return this.#byId.size;
  }

  /** Ends the entry if its time ran out. Whoever asks for keys does so first, and then finds those entries that had not ended by then. */
  endIfDue(id: unknown): void {
    if (this.#lifetimes === undefined) return;
    const life = this.#byId.get(id)?.life;
    if (life !== undefined) this.#lifetimes.endIfDue(life);
  }

  /** An entry that somebody reads by its key. */
  read(id: unknown): MemoryEntry<K, V> | undefined {
    const entry = this.#byId.get(id);
    if (entry?.life !== undefined) this.#lifetimes?.read(entry.life);
    return entry;
  }

  /** Gives the value that was there before. */
  write(id: unknown, key: K, value: V): V | undefined {
    const entry = this.#byId.get(id);
    if (entry === undefined) {
      this.#add(id, key, value);
      return undefined;
    }
    const before = entry.value;
    entry.value = value;
    if (entry.life !== undefined) this.#lifetimes?.written(entry.life);
    return before;
  }

  remove(id: unknown): MemoryEntry<K, V> | undefined {
    const entry = this.#byId.get(id);
    if (entry !== undefined) this.#takeOut(entry);
    return entry;
  }

  clear(): void {
    this.#byId.clear();
    this.#lifetimes?.clear();
  }

  /** Those that are here now, as far as they still are when their turn comes. */
  *[Symbol.iterator](): IterableIterator<MemoryEntry<K, V>> {
    const last = this.#made;
    for (const entry of this.#byId.values()) {
      if (entry.order > last) return;
      if (entry.life === undefined || this.#lifetimes?.isDue(entry.life) !== true) yield entry;
    }
  }

  #add(id: unknown, key: K, value: V): void {
    const entry: MemoryEntry<K, V> = { id, key, value, order: ++this.#made, life: undefined };
    this.#byId.set(id, entry);
    if (this.#lifetimes === undefined) return;
    entry.life = new Lifetime(entry);
    this.#lifetimes.written(entry.life);
  }

  #takeOut(entry: MemoryEntry<K, V>): void {
    this.#byId.delete(entry.id);
    if (entry.life !== undefined) this.#lifetimes?.ended(entry.life);
  }
}

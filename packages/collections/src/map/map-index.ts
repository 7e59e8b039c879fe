import type { MapSlot, MapVersion } from '../replicated/map-slot.js';

interface Decoded<V> {
  readonly slot: MapSlot;
  version: MapVersion;
  value: V;
}

const sweepAbove = 64;

/**
 * A facade's cache from primitive keys to decoded values, so that a read encodes and decodes nothing. It is never told
 * of changes: an entry answers only while its slot still holds the version that was decoded.
 */
export class MapIndex<K, V> {
  readonly #entries = new Map<K, Decoded<V>>();

  /** The slot and the value of a key, if it is here and its value is current. */
  get(key: K): Decoded<V> | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.slot.current === entry.version ? entry : undefined;
  }

  /** The slot of a key whose value has changed since. */
  slot(key: K): MapSlot | undefined {
    const slot = this.#entries.get(key)?.slot;
    return slot?.current === undefined ? undefined : slot;
  }

  add(key: K, slot: MapSlot, version: MapVersion, value: V): void {
    if (isPrimitive(key)) this.#entries.set(key, { slot, version, value });
  }

  /** Drops what was removed from the map, once that is more than what is left in it. */
  sweep(size: number): void {
    if (this.#entries.size <= sweepAbove + 2 * size) return;
    for (const [key, { slot }] of this.#entries) if (slot.current === undefined) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** Keys whose identity is their value. */
function isPrimitive(key: unknown): boolean {
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean';
}

import { decodeWith, encodeWith, type HamokCodec } from '../codec.js';
import type { MapSlot, MapVersion } from '../replicated/map-slot.js';
import type { MapState } from '../replicated/map-state.js';
import { MapIndex } from './map-index.js';

/** Reads a replicated map through a program's codecs. */
export class MapView<K, V> {
  readonly #index = new MapIndex<K, V>();
  #state: MapState | undefined;

  constructor(
    private readonly keyCodec: HamokCodec<K, Uint8Array>,
    private readonly valueCodec: HamokCodec<V, Uint8Array>,
  ) {}

  get size(): number {
    return this.#state?.size ?? 0;
  }

  get state(): MapState | undefined {
    return this.#state;
  }

  /** Looks at another state from now on, or at none. */
  attach(state: MapState | undefined): void {
    this.#state = state;
    this.#index.clear();
  }

  get(key: K): V | undefined {
    const known = this.#index.get(key);
    if (known !== undefined) return known.value;
    const slot = this.slot(key);
    return slot?.current === undefined ? undefined : this.#decode(key, slot, slot.current);
  }

  has(key: K): boolean {
    return this.#index.get(key) !== undefined || this.slot(key) !== undefined;
  }

  /** Where a key that is taken is. */
  slot(key: K): MapSlot | undefined {
    return this.#index.slot(key) ?? this.#state?.slot(this.encodeKey(key));
  }

  /** The decoded value of a key, whose slot and version these are. */
  valueOf(key: K, slot: MapSlot, version: MapVersion): V {
    const known = this.#index.get(key);
    return known === undefined ? this.#decode(key, slot, version) : known.value;
  }

  *keys(): IterableIterator<K> {
    for (const slot of this.#slots()) yield this.decodeKey(slot.key);
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  *entries(): IterableIterator<[K, V]> {
    for (const slot of this.#slots()) {
      // A slot that was removed while iterating is passed over by the state's own iterator.
      if (slot.current === undefined) continue;
      const key = this.decodeKey(slot.key);
      yield [key, this.valueOf(key, slot, slot.current)];
    }
  }

  /** Lets go of what was removed. */
  sweep(): void {
    this.#index.sweep(this.size);
  }

  encodeKey(key: K): Uint8Array {
    return encodeWith(this.keyCodec, key, 'key');
  }

  encodeValue(value: V): Uint8Array {
    return encodeWith(this.valueCodec, value, 'value');
  }

  decodeKey(encoded: Uint8Array): K {
    return decodeWith(this.keyCodec, encoded, 'key');
  }

  decodeValue(encoded: Uint8Array): V {
    return decodeWith(this.valueCodec, encoded, 'value');
  }

  #slots(): Iterable<MapSlot> {
    return this.#state?.slots() ?? [];
  }

  #decode(key: K, slot: MapSlot, version: MapVersion): V {
    const value = this.decodeValue(version.value);
    this.#index.add(key, slot, version, value);
    return value;
  }
}

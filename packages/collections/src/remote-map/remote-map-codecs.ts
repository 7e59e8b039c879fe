import { codecOr } from '../arguments.js';
import { byteString, equalBytes } from '../bytes/byte-string.js';
import { createJsonCodec, decodeWith, encodeWith, type HamokCodec } from '../codec.js';
import type { EncodedEntry } from '../map/map-snapshot.js';
import type { HamokRemoteMapOptions } from './remote-map-options.js';

/** Keys and values between their forms: those of the program, and of the log. */
export class RemoteMapCodecs<K, V> {
  readonly #key: HamokCodec<K, Uint8Array>;
  readonly #value: HamokCodec<V, Uint8Array>;

  /** @throws OptionError */
  constructor({ keyCodec, valueCodec }: Pick<HamokRemoteMapOptions<K, V>, 'keyCodec' | 'valueCodec'>) {
    this.#key = codecOr('keyCodec', keyCodec, createJsonCodec<K>);
    this.#value = codecOr('valueCodec', valueCodec, createJsonCodec<V>);
  }

  encodeKey(key: K): Uint8Array {
    return encodeWith(this.#key, key, 'key');
  }

  decodeKey(encoded: Uint8Array): K {
    return decodeWith(this.#key, encoded, 'key');
  }

  encodeValue(value: V): Uint8Array {
    return encodeWith(this.#value, value, 'value');
  }

  decodeValue(encoded: Uint8Array): V {
    return decodeWith(this.#value, encoded, 'value');
  }

  encodeEqually(a: V, b: V): boolean {
    return equalBytes(this.encodeValue(a), this.encodeValue(b));
  }

  /** What a storage gave for keys, in the order of those keys: it may give other objects for equal keys, in any order. */
  valuesFor(keys: readonly Uint8Array[], given: ReadonlyMap<K, V>): (V | undefined)[] {
    const byKey = new Map(Array.from(given, ([key, value]) => [byteString(this.encodeKey(key)), value]));
    return keys.map((key) => byKey.get(byteString(key)));
  }

  /** Which of the keys a storage gave. */
  among(keys: readonly Uint8Array[], given: Iterable<K>): boolean[] {
    const found = new Set(Array.from(given, (key) => byteString(this.encodeKey(key))));
    return keys.map((key) => found.has(byteString(key)));
  }

  /** Each key once: a storage may take a batch as a `Map`, whose keys are objects. With its first value, or with its last. */
  distinct<T extends { readonly encoded: EncodedEntry }>(items: readonly T[], isFirst = false): T[] {
    const byKey = new Map<string, T>();
    for (const item of items) {
      const place = byteString(item.encoded[0]);
      if (!(isFirst && byKey.has(place))) byKey.set(place, item);
    }
    return [...byKey.values()];
  }
}

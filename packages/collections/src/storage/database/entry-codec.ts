import { codecOr } from '../../arguments.js';
import { byteString, bytesOf } from '../../bytes/byte-string.js';
import { createJsonCodec, decodeWith, encodeWith, type HamokCodec } from '../../codec.js';
import { TooLargeError } from '../../errors.js';
import { entriesById, keysById } from '../batch.js';
import type { DatabaseLimits, DatabaseStorageOptions } from './database-options.js';
import type { EncodedEntry } from './table.js';

/** The keys of a batch, each once, beside what they are encoded as. */
export interface EncodedKeys<K> {
  readonly keys: readonly K[];
  readonly encoded: readonly Uint8Array[];
}

/** The entries of a batch, each key once, beside what they are encoded as. */
export interface EncodedEntries<K, V> {
  readonly entries: readonly (readonly [K, V])[];
  readonly encoded: readonly EncodedEntry[];
}

/** Encodes what goes into a database, within its limits, and decodes what comes out of it. */
export class EntryCodec<K, V> {
  readonly #keys: HamokCodec<K, Uint8Array>;
  readonly #values: HamokCodec<V, Uint8Array>;

  /** @throws OptionError for a codec that is none */
  constructor(
    options: DatabaseStorageOptions<K, V>,
    private readonly limits: DatabaseLimits,
  ) {
    this.#keys = codecOr('keyCodec', options.keyCodec, createJsonCodec<K>);
    this.#values = codecOr('valueCodec', options.valueCodec, createJsonCodec<V>);
  }

  /** @throws CodecError, TooLargeError, OptionError */
  entries(given: Iterable<readonly [K, V]>): EncodedEntries<K, V> {
    const batch = entriesById(given, this.#identify);
    const encoded = Array.from(batch, ([id, [, value]]): EncodedEntry => [bytesOf(id), this.#encodeValue(value)]);
    return { entries: [...batch.values()], encoded };
  }

  /** @throws CodecError, TooLargeError, OptionError */
  keys(given: Iterable<K>): EncodedKeys<K> {
    const batch = keysById(given, this.#identify);
    return { keys: [...batch.values()], encoded: Array.from(batch.keys(), bytesOf) };
  }

  decodeKey(encoded: Uint8Array): K {
    return decodeWith(this.#keys, encoded, 'key');
  }

  decodeValue(encoded: Uint8Array): V {
    return decodeWith(this.#values, encoded, 'value');
  }

  readonly #identify = (key: K): string => {
    const encoded = encodeWith(this.#keys, key, 'key');
    const { maxKeyBytes } = this.limits;
    if (encoded.length > maxKeyBytes) throw new TooLargeError(encoded.length, maxKeyBytes, 'key');
    return byteString(encoded);
  };

  #encodeValue(value: V): Uint8Array {
    const encoded = encodeWith(this.#values, value, 'value');
    const { maxValueBytes } = this.limits;
    if (encoded.length > maxValueBytes) throw new TooLargeError(encoded.length, maxValueBytes, 'value');
    return encoded;
  }
}

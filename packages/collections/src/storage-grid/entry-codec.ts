import { codecOr, iterable, pairs } from '../arguments.js';
import { byteString, bytesOf } from '../bytes/byte-string.js';
import { createJsonCodec, decodeWith, encodeWith, type HamokCodec } from '../codec.js';
import { TooLargeError } from '../errors.js';
import { requirePresent } from '../storage/batch.js';

/** What an entry takes of a message beside its key and value, and what the message takes, near enough. */
const overhead = 256;

export interface EncodedEntry<K> {
  readonly key: K;
  readonly slot: string;
  readonly value: string | undefined;
}

/** Keys and values as strings of one character a byte: what is held, and compared, and takes the least memory. */
export class EntryCodec<K, V> {
  readonly #keys: HamokCodec<K, Uint8Array>;
  readonly #values: HamokCodec<V, Uint8Array>;

  /**
   * @param maxBytes of a key with its value
   * @throws OptionError
   */
  constructor(
    keyCodec: HamokCodec<K, Uint8Array> | undefined,
    valueCodec: HamokCodec<V, Uint8Array> | undefined,
    private readonly maxBytes: number,
  ) {
    this.#keys = codecOr('keyCodec', keyCodec, createJsonCodec<K>);
    this.#values = codecOr('valueCodec', valueCodec, createJsonCodec<V>);
  }

  /** @throws CodecError, TooLargeError */
  slotOf(key: K): string {
    requirePresent('key', key);
    return byteString(this.#fitting(encodeWith(this.#keys, key, 'key'), 0));
  }

  /** @throws CodecError, OptionError, TooLargeError */
  keys(keys: Iterable<K>): EncodedEntry<K>[] {
    const bySlot = new Map<string, EncodedEntry<K>>();
    for (const key of iterable('keys', keys)) {
      const slot = this.slotOf(key);
      if (!bySlot.has(slot)) bySlot.set(slot, { key, slot, value: undefined });
    }
    return [...bySlot.values()];
  }

  /** Of a key that comes twice the last value counts. @throws CodecError, OptionError, TooLargeError */
  entries(entries: Iterable<readonly [K, V]>): EncodedEntry<K>[] {
    const bySlot = new Map<string, EncodedEntry<K>>();
    for (const [key, value] of pairs('entries', entries)) {
      const slot = this.slotOf(key);
      bySlot.set(slot, { key: bySlot.get(slot)?.key ?? key, slot, value: this.encodeValue(value, slot) });
    }
    return [...bySlot.values()];
  }

  /** @param slot what it is the value of @throws CodecError, OptionError, TooLargeError */
  encodeValue(value: V, slot: string): string {
    requirePresent('value', value);
    return byteString(this.#fitting(encodeWith(this.#values, value, 'value'), slot.length));
  }

  decodeKey(slot: string): K {
    return decodeWith(this.#keys, bytesOf(slot), 'key');
  }

  decodeValue(value: string): V {
    return decodeWith(this.#values, bytesOf(value), 'value');
  }

  #fitting(encoded: Uint8Array, beside: number): Uint8Array {
    const bytes = encoded.length + beside;
    if (bytes + overhead > this.maxBytes) throw new TooLargeError(bytes, this.maxBytes);
    return encoded;
  }
}

import { codecOr, isObject, pairs, requireCodec, text } from '../arguments.js';
import { decodeText, encodeText } from '../bytes/utf8.js';
import { createJsonCodec, decodeWith, encodedText, encodeWith, type HamokCodec } from '../codec.js';
import { OptionError } from '../errors.js';
import { MapIndex } from '../map/map-index.js';
import type { EncodedEntry } from '../map/map-snapshot.js';
import type { MapSlot } from '../replicated/map-slot.js';
import type { HamokRecordOptions } from './record-options.js';
import type { RecordState } from './record-state.js';

type Field<T> = keyof T & string;

/** Reads a replicated record through a program's codecs, one a field. What it gives is frozen, for it is kept. */
export class RecordView<T extends object> {
  readonly #index = new MapIndex<string, unknown>();
  readonly #codecs = new Map<keyof T, HamokCodec<T[keyof T], Uint8Array>>();
  readonly #codec: HamokCodec<T[keyof T], Uint8Array>;
  #state: RecordState | undefined;

  constructor({ payloadCodecs, codec }: Pick<HamokRecordOptions<T>, 'payloadCodecs' | 'codec'>) {
    this.#codec = codecOr('codec', codec, createJsonCodec<T[keyof T]>);
    for (const [field, textCodec] of pairs('payloadCodecs', payloadCodecs ?? [])) {
      requireCodec(`payloadCodecs.${String(field)}`, textCodec);
      this.#codecs.set(field, throughText(textCodec));
    }
  }

  get state(): RecordState | undefined {
    return this.#state;
  }

  /** Looks at another state from now on, or at none. */
  attach(state: RecordState | undefined): void {
    this.#state = state;
    this.#index.clear();
  }

  get<K extends Field<T>>(key: K): T[K] | undefined {
    const known = this.#index.get(key);
    if (known !== undefined) return known.value as T[K];
    const slot = this.#index.slot(key) ?? this.#state?.slot(this.encodeField(key));
    return slot === undefined ? undefined : this.#read(key, slot);
  }

  /** A copy: fields in the order in which they were inserted. */
  instance(): Partial<T> {
    const fields: Partial<T> = {};
    for (const slot of this.#state?.slots() ?? []) {
      const key = this.decodeField(slot.key);
      const value = this.get(key);
      // What is inherited, like `__proto__`, must not be written to.
      Object.defineProperty(fields, key, { value, writable: true, enumerable: true, configurable: true });
    }
    return fields;
  }

  /** Lets go of what was removed. */
  sweep(): void {
    this.#index.sweep(this.#state?.size ?? 0);
  }

  encodeField(key: Field<T>): Uint8Array {
    return encodeText(text('key', key));
  }

  encodeValue<K extends Field<T>>(key: K, value: T[K]): Uint8Array {
    return encodeWith(this.#codecOf(key), value, `value of "${key}"`);
  }

  /** The fields of an object that are not undefined. */
  encodeAll(fields: Partial<T>): EncodedEntry[] {
    return this.fieldsOf(fields).map(([key, value]) => [this.encodeField(key), this.encodeValue(key, value)]);
  }

  fieldsOf(fields: Partial<T>): [key: Field<T>, value: T[Field<T>]][] {
    if (!isObject(fields)) throw new OptionError('instance', 'must be an object');
    const entries = Object.entries(fields) as [Field<T>, T[Field<T>] | undefined][];
    return entries.filter((entry): entry is [Field<T>, T[Field<T>]] => entry[1] !== undefined);
  }

  decodeField(encoded: Uint8Array): Field<T> {
    return decodeText(encoded) as Field<T>;
  }

  decodeValue<K extends Field<T>>(key: K, encoded: Uint8Array): T[K] {
    return frozen(decodeWith(this.#codecOf(key), encoded, `value of "${key}"`)) as T[K];
  }

  #read<K extends Field<T>>(key: K, slot: MapSlot): T[K] | undefined {
    const version = slot.current;
    if (version === undefined) return undefined;
    const value = this.decodeValue(key, version.value);
    this.#index.add(key, slot, version, value);
    return value;
  }

  #codecOf(key: keyof T): HamokCodec<T[keyof T], Uint8Array> {
    return this.#codecs.get(key) ?? this.#codec;
  }
}

function throughText<V>(codec: HamokCodec<V, string>): HamokCodec<V, Uint8Array> {
  return {
    encode: (value) => encodeText(encodedText(codec.encode(value))),
    decode: (encoded) => codec.decode(decodeText(encoded)),
  };
}

/** Views of bytes cannot be frozen. */
function frozen<V>(value: V): V {
  return ArrayBuffer.isView(value) ? value : Object.freeze(value);
}

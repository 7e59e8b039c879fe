import { codecOr, pairs, requireCodec } from '../arguments.js';
import { decodeText, encodeText } from '../bytes/utf8.js';
import { createJsonCodec, decodeWith, encodedText, encodeWith, type HamokCodec } from '../codec.js';
import { CodecError } from '../errors.js';
import type { EventArguments, HamokEmitterOptions, PayloadCodec } from './emitter-options.js';

/** Encodes what an emitter carries: the arguments of events, and the metadata of subscriptions. */
export class Payloads<T extends EventArguments<T>, M> {
  readonly #codecs: ReadonlyMap<keyof T, PayloadCodec<T[keyof T]>> | undefined;
  readonly #codec: HamokCodec<unknown, Uint8Array>;

  constructor({ payloadsCodec, codec }: Pick<HamokEmitterOptions<T>, 'payloadsCodec' | 'codec'>) {
    this.#codecs = payloadsCodec;
    this.#codec = codecOr('codec', codec, createJsonCodec<unknown>);
    for (const [event, each] of pairs('payloadsCodec', payloadsCodec ?? []))
      requireCodec(`payloadsCodec.${String(event)}`, each);
  }

  encodeArguments<K extends keyof T & string>(event: K, args: T[K]): Uint8Array {
    const codec = this.#codecs?.get(event);
    if (codec === undefined) return encodeWith(this.#codec, args, `arguments of "${event}"`);
    try {
      return encodeText(encodedText(codec.encode(...args)));
    } catch (cause) {
      throw new CodecError(`the codec cannot encode the arguments of "${event}"`, { cause });
    }
  }

  decodeArguments<K extends keyof T & string>(event: K, encoded: Uint8Array): T[K] {
    const args = this.#decode(event, encoded);
    if (!Array.isArray(args)) throw new CodecError(`the arguments of "${event}" are not a list`);
    return args as T[K];
  }

  encodeMetaData(metaData: M | null): Uint8Array {
    return encodeWith(this.#codec, metaData, 'metadata');
  }

  decodeMetaData(encoded: Uint8Array): M | null {
    return decodeWith(this.#codec, encoded, 'metadata') as M | null;
  }

  #decode(event: keyof T & string, encoded: Uint8Array): unknown {
    const codec = this.#codecs?.get(event);
    if (codec === undefined) return decodeWith(this.#codec, encoded, `arguments of "${event}"`);
    try {
      return codec.decode(decodeText(encoded));
    } catch (cause) {
      throw new CodecError(`the codec cannot decode the arguments of "${event}"`, { cause });
    }
  }
}

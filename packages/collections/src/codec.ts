import { decodeText, encodeText } from './bytes/utf8.js';
import { CodecError } from './errors.js';

/** Turns values into another form and back. Decoding what was encoded gives an equal value; equal values encode equally. */
export interface HamokCodec<U, R> {
  encode(value: U): R;
  decode(encoded: R): U;
}

/**
 * JSON as UTF-8: the default for keys and values. Holds what JSON holds; `undefined`, functions and symbols are refused.
 *
 * @throws CodecError from `encode`, for a value that has no JSON form
 */
export function createJsonCodec<T>(): HamokCodec<T, Uint8Array> {
  return {
    encode(value) {
      // The declared type is wrong: `JSON.stringify` gives undefined for what JSON cannot hold.
      const text: string | undefined = JSON.stringify(value);
      if (text === undefined) throw new CodecError(`JSON cannot hold a value of type ${typeof value}`);
      return encodeText(text);
    },
    decode: (encoded) => JSON.parse(decodeText(encoded)) as T,
  };
}

/** Encodes with a user's codec, whatever it throws. */
export function encodeWith<T>(codec: HamokCodec<T, Uint8Array>, value: T, what: string): Uint8Array {
  try {
    return encodedBytes(codec.encode(value));
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw new CodecError(`the codec cannot encode the ${what}`, { cause: error });
  }
}

/** A codec without types gives anything. @throws CodecError for what are not bytes */
function encodedBytes(given: Uint8Array): Uint8Array {
  if (!ArrayBuffer.isView(given)) throw new CodecError('the codec gave something other than bytes');
  return given;
}

/** @throws CodecError for what is not a text */
export function encodedText(given: string): string {
  if (typeof given !== 'string') throw new CodecError('the codec gave something other than a text');
  return given;
}

export function decodeWith<T>(codec: HamokCodec<T, Uint8Array>, encoded: Uint8Array, what: string): T {
  try {
    return codec.decode(encoded);
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw new CodecError(`the codec cannot decode the ${what}`, { cause: error });
  }
}

import type { HamokCodec } from '../codec.js';
import { decodeRich } from './rich-decode.js';
import { encodeRich } from './rich-encode.js';

/**
 * For what JSON cannot hold: `undefined`, bigint, Date, Uint8Array, Map and Set, NaN, infinities and -0, beside plain objects,
 * arrays and what else JSON has. In bytes, and smaller than JSON. For the keys, values, items or payloads of any collection;
 * its format is described in `rich-tag.ts`.
 *
 * Equal values encode equally, whatever the order in which the fields of an object, the entries of a Map or the items of a Set
 * were added: decoding gives them in an order of its own. A property that is `undefined` is not the same as none. Holes in arrays
 * read as `undefined`. Two parts of a value that are the same object become two.
 *
 * `encode` throws a `CodecError` for functions, symbols and instances of other classes, for values that contain themselves or lie
 * in each other more than 256 deep, and for Maps and Sets of which two keys or items encode equally. `decode` throws one for
 * everything that `encode` does not give.
 */
export function createRichCodec<T>(): HamokCodec<T, Uint8Array> {
  return { encode: encodeRich, decode: (encoded) => decodeRich(encoded) as T };
}

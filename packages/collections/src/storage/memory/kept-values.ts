import { decodeWith, encodeWith, type HamokCodec } from '../../codec.js';

/** In which form a storage keeps its values. Both throw a `CodecError` for what a codec does not hold. */
export interface KeptValues<V, Kept> {
  keep(value: V): Kept;
  give(kept: Kept): V;
}

/** By reference. */
export function asTheyAre<V>(): KeptValues<V, V> {
  return { keep: (value) => value, give: (kept) => kept };
}

export function encodedBy<V>(codec: HamokCodec<V, Uint8Array>): KeptValues<V, Uint8Array> {
  return {
    keep: (value) => encodeWith(codec, value, 'value'),
    give: (kept) => decodeWith(codec, kept, 'value'),
  };
}

import { byteString } from '../../bytes/byte-string.js';
import { encodeWith, type HamokCodec } from '../../codec.js';
import { CodecError } from '../../errors.js';

/** Gives equal keys, and no others, one value that a `Map` takes for the same. Throws a `CodecError` for what cannot be encoded. */
export type KeyIdentity<K> = (key: K) => unknown;

/** @param codec default: JSON */
export function keyIdentity<K>(codec: HamokCodec<K, Uint8Array> | undefined): KeyIdentity<K> {
  if (codec === undefined) return jsonIdentity;
  return (key) => byteString(encodeWith(codec, key, 'key'));
}

/** Stands before what is no plain text. */
const mark = '\0';

/** What JSON encodes equally is equal; strings and numbers, nearly all keys, need no encoding for it. */
function jsonIdentity(key: unknown): unknown {
  switch (typeof key) {
    case 'string':
      return key.startsWith(mark) ? mark + JSON.stringify(key) : key;
    case 'number':
      return Number.isFinite(key) ? key : null;
    case 'boolean':
      return key;
    default:
      return key === null ? null : identityOfObject(key);
  }
}

function identityOfObject(key: unknown): unknown {
  const text = jsonOf(key);
  // An object may stand in JSON for a text or a number, as a Date does: then it is that key.
  return text.startsWith('{') || text.startsWith('[') ? mark + text : jsonIdentity(JSON.parse(text));
}

function jsonOf(key: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(key);
  } catch (cause) {
    throw new CodecError('JSON cannot hold the key', { cause });
  }
  if (text === undefined) throw new CodecError(`JSON cannot hold a key of type ${typeof key}`);
  return text;
}

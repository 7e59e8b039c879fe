import { decodeTextStrictly, encodeText } from '../bytes/utf8.js';
import { BadSnapshotError } from '../errors.js';
import type { HamokMapSnapshot } from './map-options.js';

export type EncodedEntry = readonly [key: Uint8Array, value: Uint8Array];

export function toMapSnapshot(mapId: string, entries: Iterable<EncodedEntry>): HamokMapSnapshot {
  const keys: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  for (const [key, value] of entries) {
    keys.push(key);
    values.push(value);
  }
  const keyTexts = texts(keys);
  const valueTexts = texts(values);
  if (keyTexts !== undefined && valueTexts !== undefined) return { mapId, keys: keyTexts, values: valueTexts };
  return { mapId, keys: keys.map(toBase64), values: values.map(toBase64), encoding: 'base64' };
}

/** @throws BadSnapshotError for what `toMapSnapshot` does not give */
export function fromMapSnapshot(snapshot: HamokMapSnapshot): EncodedEntry[] {
  const { keys, values, encoding } = snapshot;
  if (keys.length !== values.length) throw new BadSnapshotError('a map with more keys than values, or fewer');
  if (encoding !== undefined && encoding !== 'base64') throw new BadSnapshotError(`unknown encoding ${encoding}`);
  const toBytes = encoding === 'base64' ? fromBase64 : encodeText;
  return keys.map((key, i) => [toBytes(key), toBytes(values[i] ?? '')]);
}

function texts(list: readonly Uint8Array[]): string[] | undefined {
  const decoded: string[] = [];
  for (const bytes of list) {
    const text = decodeTextStrictly(bytes);
    if (text === undefined) return undefined;
    decoded.push(text);
  }
  return decoded;
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new BadSnapshotError('text that is not base64', { cause });
  }
}

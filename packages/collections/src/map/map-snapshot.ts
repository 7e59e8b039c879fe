import { isObject } from '../arguments.js';
import { areTexts, fromBase64, texts, toBase64 } from '../bytes/texts.js';
import { encodeText } from '../bytes/utf8.js';
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
  if (!isObject(snapshot) || !areTexts(snapshot.keys) || !areTexts(snapshot.values))
    throw new BadSnapshotError('not the keys and values of a map');
  const { keys, values, encoding } = snapshot;
  if (keys.length !== values.length) throw new BadSnapshotError('a map with more keys than values, or fewer');
  if (encoding !== undefined && encoding !== 'base64') throw new BadSnapshotError(`unknown encoding ${encoding}`);
  const toBytes = encoding === 'base64' ? fromBase64 : encodeText;
  return keys.map((key, i) => [toBytes(key), toBytes(values[i] ?? '')]);
}

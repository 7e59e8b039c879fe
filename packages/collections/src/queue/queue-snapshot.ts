import { isObject } from '../arguments.js';
import { areTexts, fromBase64, texts, toBase64 } from '../bytes/texts.js';
import { encodeText } from '../bytes/utf8.js';
import { BadSnapshotError } from '../errors.js';
import type { HamokQueueSnapshot } from './queue-options.js';

export function toQueueSnapshot(queueId: string, values: readonly Uint8Array[]): HamokQueueSnapshot {
  const keys = values.map((_, position) => String(position));
  const asText = texts(values);
  if (asText !== undefined) return { queueId, keys, values: asText };
  return { queueId, keys, values: values.map(toBase64), encoding: 'base64' };
}

/**
 * The values of a snapshot in the order of its keys, which may begin anywhere: 2.6.0 counts from the first push, and writes one item
 * that is left like any other, though it does not read it back.
 *
 * @throws BadSnapshotError for what is not a queue's
 */
export function fromQueueSnapshot(snapshot: HamokQueueSnapshot): Uint8Array[] {
  if (!isObject(snapshot) || !areTexts(snapshot.keys) || !areTexts(snapshot.values))
    throw new BadSnapshotError('not the keys and values of a queue');
  const { keys, values, encoding } = snapshot;
  if (keys.length !== values.length) throw new BadSnapshotError('a queue with more keys than values, or fewer');
  if (encoding !== undefined && encoding !== 'base64') throw new BadSnapshotError(`unknown encoding ${encoding}`);
  const toBytes = encoding === 'base64' ? fromBase64 : encodeText;
  const items = keys.map((key, i) => ({ place: placeOf(key), value: toBytes(values[i] ?? '') }));
  items.sort((a, b) => a.place - b.place);
  items.forEach(({ place }, i) => {
    if (place === items[i - 1]?.place) throw new BadSnapshotError('a key of a queue occurs twice');
  });
  return items.map(({ value }) => value);
}

function placeOf(key: string): number {
  if (!/^\d+$/.test(key)) throw new BadSnapshotError('a key of a queue that is not a whole number');
  return Number(key);
}

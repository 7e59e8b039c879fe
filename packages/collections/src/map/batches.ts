import { isCertain, PartialBatchError } from '../errors.js';
import { bytesAListItem } from '../session/session.js';
import type { EncodedEntry } from './map-snapshot.js';

export interface BatchLimits {
  readonly bytes: number;
  readonly items: number;
}

/** What an entry takes of a command, near enough. */
export function sizeOfEntry([key, value]: EncodedEntry): number {
  return key.length + value.length + 2 * bytesAListItem;
}

/** Cuts a list into lists that keep to the limits, or that hold one item. */
export function batches<T>(items: readonly T[], sizeOf: (item: T) => number, limits: BatchLimits): T[][] {
  const lists: T[][] = [];
  let list: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (list.length > 0 && (bytes + size > limits.bytes || list.length >= limits.items)) {
      lists.push(list);
      list = [];
      bytes = 0;
    }
    list.push(item);
    bytes += size;
  }
  if (list.length > 0) lists.push(list);
  return lists;
}

/** Few enough to leave room for other calls. */
const partsAtOnce = 16;

/**
 * Makes the parts of a change in their order, some at a time.
 *
 * @throws PartialBatchError unless all were made, or certainly none: then what the first one was refused with, as where it is the only one
 */
export async function inParts<T, R>(parts: readonly T[], submit: (part: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < parts.length; from += partsAtOnce) {
    const settled = await Promise.allSettled(parts.slice(from, from + partsAtOnce).map(submit));
    for (const each of settled) if (each.status === 'fulfilled') results.push(each.value);
    const refused = settled.filter((each) => each.status === 'rejected').map(({ reason }): unknown => reason);
    if (refused.length === 0) continue;
    if (parts.length === 1 || (results.length === 0 && refused.every(isCertain))) throw refused[0];
    throw new PartialBatchError(results.length, parts.length, refused[0]);
  }
  return results;
}

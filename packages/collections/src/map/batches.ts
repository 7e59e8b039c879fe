import { bytesAListItem } from '../session/session.js';
import type { EncodedEntry } from './map-snapshot.js';

/** Cuts entries into lists whose keys and values take no more than `maxBytes`, or that hold one entry. */
export function batches(entries: readonly EncodedEntry[], maxBytes: number): EncodedEntry[][] {
  const lists: EncodedEntry[][] = [];
  let list: EncodedEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = entry[0].length + entry[1].length + 2 * bytesAListItem;
    if (list.length > 0 && bytes + size > maxBytes) {
      lists.push(list);
      list = [];
      bytes = 0;
    }
    list.push(entry);
    bytes += size;
  }
  if (list.length > 0) lists.push(list);
  return lists;
}

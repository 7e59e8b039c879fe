import { StorageKind } from '@hamok/messages';
import { mapModel } from './map-state.js';
import type { StorageModel } from './storage-state.js';

/** What each kind of storage is made of. A kind that is not listed cannot be opened. */
export const storageModels: ReadonlyMap<number, StorageModel> = new Map([
  [StorageKind.MAP, mapModel],
  [StorageKind.RECORD, mapModel],
]);

/** A kind's name in messages to people. */
export function kindName(kind: number): string {
  return StorageKind[kind]?.toLowerCase().replace('_', ' ') ?? `kind ${kind}`;
}

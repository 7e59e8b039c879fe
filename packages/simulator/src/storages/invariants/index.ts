import type { StoragesPlan } from '../plan.js';
import { oneHolder } from './one-holder.js';
import type { StorageInvariant } from './storage-invariant.js';
import { TimelyCalls } from './timely-calls.js';
import { ToldChanges } from './told-changes.js';
import { toldLosses } from './told-losses.js';

export type { OpenCall, StorageInvariant } from './storage-invariant.js';

/** Everything that is checked while members share a storage. */
export function storageInvariants({
  requestTimeoutInMs,
}: Pick<StoragesPlan, 'requestTimeoutInMs'>): StorageInvariant[] {
  return [oneHolder(), toldLosses(), new TimelyCalls(requestTimeoutInMs), new ToldChanges()];
}

import type { Outcome } from '../replicated/result.js';
import { isTransactional } from '../storage/transactional-storage.js';
import { type ChangeableStorage, carryOut } from './carry-out.js';
import { carryOutOnce, type ForeignLedger, type Ledger } from './carry-out-once.js';
import type { PendingChange } from './pending-change.js';
import type { RemoteMapCodecs } from './remote-map-codecs.js';

/** Makes changes in a storage, once where its transactions allow that. */
export interface ChangeMaker {
  readonly isOnce: boolean;
  make(change: PendingChange, ledger: Ledger): Promise<readonly Outcome[] | ForeignLedger>;
}

export function changeMaker<K, V>(
  mapId: string,
  storage: ChangeableStorage<K, V>,
  codecs: RemoteMapCodecs<K, V>,
  equalValues: (a: V, b: V) => boolean,
): ChangeMaker {
  const makeIn = (change: PendingChange) => (entries: ChangeableStorage<K, V>) =>
    carryOut(change, entries, codecs, equalValues);
  if (!isTransactional<K, V>(storage)) return { isOnce: false, make: async (change) => makeIn(change)(storage) };
  const noteName = `hamok/${mapId}`;
  return {
    isOnce: true,
    make: (change, ledger) => carryOutOnce(change, storage, noteName, ledger, makeIn(change)),
  };
}

import { StorageKind } from '@hamok/messages';
import { emitterModel } from '../emitter/emitter-state.js';
import { queueModel } from '../queue/queue-model.js';
import { recordModel } from '../record/record-state.js';
import { remoteMapModel } from '../remote-map/remote-map-state.js';
import { replicatedEntriesModel } from '../replicated-storage/replicated-entries.js';
import { participantsModel } from '../storage-grid/participants-state.js';
import { mapModel } from './map-model.js';
import type { StorageModel } from './storage-state.js';

/** What each kind of storage is made of. A kind that is not listed cannot be opened. */
export const storageModels: ReadonlyMap<number, StorageModel> = new Map([
  [StorageKind.MAP, mapModel],
  [StorageKind.RECORD, recordModel],
  [StorageKind.EMITTER, emitterModel],
  [StorageKind.QUEUE, queueModel],
  [StorageKind.REMOTE_MAP, remoteMapModel],
  [StorageKind.REPLICATED_STORAGE, replicatedEntriesModel],
  [StorageKind.SEPARATED_STORAGE, participantsModel],
  [StorageKind.FEDERATED_STORAGE, participantsModel],
]);

/** A kind's name in messages to people. */
export function kindName(kind: number): string {
  return StorageKind[kind]?.toLowerCase().replace('_', ' ') ?? `kind ${kind}`;
}

import type { MemberId } from '../consensus.js';
import { readSnapshot } from './snapshot.js';
import { kindName } from './storage-kinds.js';

/** What a snapshot of the collections holds, for people. */
export interface SnapshotDescription {
  readonly members: readonly MemberId[];
  readonly storages: readonly SnapshotStorage[];
}

export interface SnapshotStorage {
  readonly id: string;
  readonly kind: string;
  /** Entries of a map or record, items of a queue, events of an emitter that have subscribers. */
  readonly size: number;
}

/** @throws {BadSnapshotError} for what is no whole snapshot of collections of a release up to this one */
export async function describeSnapshot(data: AsyncIterable<Uint8Array>): Promise<SnapshotDescription> {
  const { sessions, storages } = await readSnapshot(data);
  return {
    members: [...sessions.keys()],
    storages: Array.from(storages, ([id, { kind, size }]) => ({ id, kind: kindName(kind), size })),
  };
}

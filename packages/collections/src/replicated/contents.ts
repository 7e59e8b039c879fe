import type { MemberId } from '../consensus.js';
import { Agenda } from './agenda.js';
import { ReplicatedSession } from './replicated-session.js';
import { storageModels } from './storage-kinds.js';
import type { StorageModel, StorageState } from './storage-state.js';

/** Everything that is replicated: a session a member, and the storages. */
export class Contents {
  readonly sessions = new Map<MemberId, ReplicatedSession>();
  readonly storages = new Map<string, StorageState>();
  /** What becomes due in the storages. It follows from what they hold. */
  readonly agenda = new Agenda();

  openSession(member: MemberId): ReplicatedSession {
    const session = new ReplicatedSession(member);
    this.sessions.set(member, session);
    return session;
  }

  /** Makes a storage; undefined for a kind that this release does not have. */
  createStorage(storageId: string, kind: number): StorageState | undefined {
    const storage = modelOf(kind)?.create(kind);
    if (storage !== undefined) this.storages.set(storageId, storage);
    return storage;
  }
}

export function modelOf(kind: number | undefined): StorageModel | undefined {
  return kind === undefined ? undefined : storageModels.get(kind);
}

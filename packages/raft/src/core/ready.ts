import type { MemberId } from '../identity/member-id.js';
import type { Entry } from './entry.js';
import type { Message } from './message.js';
import type { HardState } from './options.js';
import type { ReadState } from './reads.js';
import type { SnapshotChunk } from './state.js';

/**
 * What the driver has to do for the core, in the order of the fields; what does not concern it is empty.
 *
 * Readys become durable in the order in which they came, and what waits for persistence never overtakes an earlier write. `committed` is
 * repeated until `applied` is called. The core repeats neither chunks of snapshots nor the reads of followers: the driver does.
 */
export interface Ready {
  /** To be sent at once. */
  readonly messages: readonly Message[];
  /** To be persisted: undefined if unchanged. */
  readonly hardState: HardState | undefined;
  /** To be persisted from the first one's index on, replacing whatever is there. */
  readonly entries: readonly Entry[];
  /** To be kept with the snapshot that is being received; a chunk at offset 0 begins anew. */
  readonly snapshotChunks: readonly SnapshotChunk[];
  /** To be sent once all of the above is durable; then `persisted` is called with the last entry. */
  readonly messagesAfterPersist: readonly Message[];
  /** To be applied in order; then `applied` is called. */
  readonly committed: readonly Entry[];
  readonly reads: readonly ReadState[];
  /** Followers that wait for a snapshot from now on, on the leader. */
  readonly snapshotsWanted: readonly MemberId[];
  /** Chunks that followers ask for, on the leader: which snapshot, from which offset. */
  readonly snapshotOffsets: readonly SnapshotOffset[];
}

export interface SnapshotOffset {
  readonly from: MemberId;
  readonly index: number;
  readonly offset: number;
}

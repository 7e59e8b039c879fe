import type { MemberId } from '../identity/member-id.js';
import type { Configuration } from './configuration.js';
import type { LogPosition } from './entry.js';
import type { SnapshotRequest } from './message.js';
import type { CoreState } from './state.js';

/** A snapshot on its way in, chunk by chunk, in order (paper §7). */
export class IncomingSnapshot {
  from: MemberId | undefined;
  /** Up to where it goes: what is committed there is the same whoever sends it. */
  index = -1;
  /** The offset of the next chunk. */
  offset = 0;
  /** All chunks are here, and the driver restores the state machine. */
  installing = false;

  isOf(request: SnapshotRequest): boolean {
    return this.from === request.from && this.index === request.position.index;
  }

  begin(request: SnapshotRequest): void {
    this.from = request.from;
    this.index = request.position.index;
    this.offset = 0;
  }

  reset(): void {
    this.from = undefined;
    this.offset = 0;
    this.installing = false;
  }
}

/** Takes a chunk only at the offset it waits for, and says which that is: lost and repeated chunks cost nothing else. */
export function onSnapshotRequest(state: CoreState, request: SnapshotRequest): void {
  const { incomingSnapshot: incoming, log } = state;
  const { position, configuration, offset, data, done, from } = request;
  if (incoming.installing) return;
  if (position.index <= log.commitIndex) return acknowledgeMatch(state, from);
  if (!incoming.isOf(request)) incoming.begin(request);
  if (offset === incoming.offset) {
    incoming.offset += data.byteLength;
    incoming.installing = done;
    state.snapshotChunks.push({ from, position, configuration, offset, data, done });
  }
  const { self, term } = state;
  state.sendAfterPersist({
    type: 'snapshot-response',
    from: self,
    to: from,
    term,
    index: position.index,
    offset: incoming.offset,
  });
}

/** The state machine stands at the snapshot: the log goes on from there. */
export function onSnapshotInstalled(state: CoreState, position: LogPosition, configuration: Configuration): void {
  state.incomingSnapshot.reset();
  state.log.restore(position, configuration);
  state.counters.snapshotsInstalled++;
  if (state.leader !== undefined) acknowledgeMatch(state, state.leader);
}

/** Everything committed here equals the leader's log (paper §5.4.3). */
function acknowledgeMatch(state: CoreState, leader: MemberId): void {
  state.sendAfterPersist({
    type: 'append-response',
    from: state.self,
    to: leader,
    term: state.term,
    success: true,
    matchIndex: state.log.commitIndex,
    rejectedIndex: -1,
    hintIndex: -1,
    hintTerm: 0,
    round: -1,
  });
}

/** A chunk for a follower whose next entry is compacted. */
export function sendSnapshotChunk(
  state: CoreState,
  to: MemberId,
  chunk: Pick<SnapshotRequest, 'position' | 'configuration' | 'offset' | 'data' | 'done'>,
): void {
  const progress = state.progress.get(to);
  if (state.role !== 'leader' || progress?.state !== 'snapshot') return;
  state.send({ type: 'snapshot-request', from: state.self, to, term: state.term, ...chunk });
  progress.snapshotIndex = chunk.position.index;
  progress.lastSentAt = state.now;
}

import { type HamokMessage, MessageType } from '@hamok/messages';
import { type MemberId, memberId } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { GridInvariant } from './grid-invariant.js';

const promises: ReadonlySet<number | undefined> = new Set([
  MessageType.RAFT_VOTE_REQUEST,
  MessageType.RAFT_VOTE_RESPONSE,
  MessageType.RAFT_APPEND_ENTRIES_REQUEST_CHUNK,
  MessageType.RAFT_APPEND_ENTRIES_RESPONSE,
  MessageType.RAFT_SNAPSHOT_RESPONSE,
]);

/**
 * What a process with a disk says as a member is durable there before it leaves: who it is, its term, its vote, and, unless its log is synced
 * late, its entries.
 */
export function durablePromises(): GridInvariant {
  const name = 'promises are durable';
  return {
    name,
    source: 'Raft paper, figure 2 (persistent state, "before responding"); architecture, rule 10',
    onSent(process, frame) {
      const { disk, core, gridId } = process;
      if (!disk || !core || gridId === undefined) return;
      const message = frame();
      // Who denies a vote promises nothing.
      if (!promises.has(message.type) || isDenial(message)) return;
      const { self, log } = core;
      const broken = (what: string) =>
        new Violation(name, `${process.name} speaks to ${message.destinationId} as ${self}, and ${what}`);
      if (!disk.isOf(self, gridId)) throw broken('its disk is not that of such a member');
      const snapshot = disk.snapshots.positionIn(gridId, log.appliedIndex);
      // A member that comes back from a snapshot is in the term of that at least.
      const term = Math.max(disk.hardState?.term ?? 0, snapshot.term);
      const { raftTerm = 0 } = message;
      if (term < raftTerm) throw broken(`its term ${raftTerm} is not durable`);
      // What one sync made durable together came after what it says.
      if (term > raftTerm) return;
      const vote = voteOf(message, self);
      if (vote !== undefined && disk.hardState?.vote !== vote) throw broken(`its vote in ${raftTerm} is not durable`);
      const matchIndex = matchOf(message);
      if (disk.durability === 'always' && matchIndex > Math.max(disk.lastIndex, snapshot.index))
        throw broken(`${matchIndex} is not durable`);
    },
  };
}

function isDenial({ type, success }: HamokMessage): boolean {
  return type === MessageType.RAFT_VOTE_RESPONSE && success !== true;
}

function voteOf({ type, destinationId = '', destinationIncarnation = 0 }: HamokMessage, self: MemberId) {
  if (type === MessageType.RAFT_VOTE_REQUEST) return self;
  return type === MessageType.RAFT_VOTE_RESPONSE ? memberId(destinationId, destinationIncarnation) : undefined;
}

/** Up to where a member says that its log equals the leader's; -1 where it says nothing of it. */
function matchOf({ type, success, raftPeerNextIndex = 0 }: HamokMessage): number {
  return type === MessageType.RAFT_APPEND_ENTRIES_RESPONSE && success === true ? raftPeerNextIndex - 1 : -1;
}

import { idOf, type RaftNode } from '@hamok/raft';

export interface HamokStats {
  /** Changes and linearizable reads of this member that wait for their outcome. */
  readonly numberOfPendingRequests: number;
  /** Always 0, for programs of 2.6: nobody is told that a request goes on, and no response comes in parts. */
  readonly numberOfOngoingRequests: number;
  readonly numberOfPendingResponses: number;
  readonly numberOfRemotePeers: number;
  /** Bytes of the entries that the log holds in memory. */
  readonly raftLogsBytesInMemory: number;
}

export function statsOf(node: RaftNode | undefined, numberOfRemotePeers: number): HamokStats {
  const { pendingProposals = 0, pendingReads = 0, log } = node?.report() ?? {};
  return {
    numberOfPendingRequests: pendingProposals + pendingReads,
    numberOfOngoingRequests: 0,
    numberOfPendingResponses: 0,
    numberOfRemotePeers,
    raftLogsBytesInMemory: log?.bytes ?? 0,
  };
}

/** Ids of the members heard within the idle time: a leader's followers, or the leader. */
export function* heardBy(node: RaftNode | undefined, followerMaxIdleInMs: number): Generator<string, undefined> {
  if (node?.state !== 'leader') {
    if (node?.leaderId !== undefined) yield node.leaderId;
    return;
  }
  for (const { member, silentForMs } of node.report().followers)
    if (silentForMs <= followerMaxIdleInMs) yield idOf(member);
}

import type { RaftNodeOptions, SnapshotPolicy, StateMachine, StoredSnapshot, Transport } from '@hamok/raft';
import type { HamokObjectConfig } from './config.js';
import { MemoryStoredRaftLogs } from './memory-stored-raft-logs.js';

/** The engine's options for one run of a member. */
export function nodeOptions<AppData>(
  config: HamokObjectConfig<AppData>,
  transport: Transport,
  stateMachine: StateMachine,
  discoveryTimeInMs: number | undefined,
  base: StoredSnapshot | undefined,
): RaftNodeOptions {
  const { store: snapshotStore, ...policy } = config.snapshots;
  const { logEntriesExpirationTimeInMs: ageInMs, peers, expectedPeers, removeDeadAfterInMs, raftLogs } = config;
  const snapshotPolicy: Partial<SnapshotPolicy> = { ...(ageInMs === undefined ? {} : { ageInMs }), ...policy };
  return {
    id: config.peerId,
    transport,
    stateMachine,
    snapshotPolicy,
    bootstrap: config.bootstrap,
    gridName: config.gridName,
    onlyFollower: config.onlyFollower,
    followerMaxIdleInMs: config.followerMaxIdleInMs,
    electionTimeoutInMs: config.electionTimeoutInMs,
    heartbeatInMs: config.heartbeatInMs,
    requestTimeoutInMs: config.requestTimeoutInMs,
    maxCommandBytes: config.maxCommandBytes,
    logger: config.logger,
    clock: config.clock,
    random: config.random,
    ...(peers === undefined ? {} : { peers }),
    ...(expectedPeers === undefined ? {} : { expectedPeers }),
    ...(removeDeadAfterInMs === undefined ? {} : { removeDeadAfterInMs }),
    ...(discoveryTimeInMs === undefined ? {} : { discoveryTimeInMs }),
    ...(raftLogs === undefined || raftLogs instanceof MemoryStoredRaftLogs ? {} : { logStore: raftLogs }),
    ...(snapshotStore === undefined ? {} : { snapshotStore }),
    ...(base === undefined ? {} : { base }),
  };
}

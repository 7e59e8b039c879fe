export { InvariantViolation } from './core/assertions.js';
export type { Configuration, ConfigurationChange } from './core/configuration.js';
export type { Entry, EntryEncoder, EntryKind, LogPosition } from './core/entry.js';
export type { ChangeRefusal } from './core/membership.js';
export type { Message } from './core/message.js';
export type { HardState, RaftCoreOptions, RaftLimits, RaftTiming } from './core/options.js';
export type { Progress, ProgressState } from './core/progress.js';
export type { ProposalRefusal } from './core/raft-core.js';
export { RaftCore } from './core/raft-core.js';
export type { ReadState } from './core/reads.js';
export type { Ready, SnapshotOffset } from './core/ready.js';
export type { Counters, Role, SnapshotChunk } from './core/state.js';
export {
  BadFrameError,
  BusyError,
  ClosedError,
  ConfigurationError,
  DuplicateMemberError,
  ForgetfulMemberError,
  GridConflictError,
  IndeterminateError,
  LogDamagedError,
  LogFailedError,
  LogLockedError,
  LogVersionError,
  MemberFailedError,
  NotCommittedError,
  NotLeaderError,
  RaftError,
  StoredStateError,
  TooLargeError,
  UnavailableError,
} from './errors.js';
export type { MemberId } from './identity/member-id.js';
export { idOf, incarnationOf, memberId } from './identity/member-id.js';
export { MemoryLog } from './logs/memory-log.js';
export type { NodeState, RaftNodeEvents } from './node/events.js';
export { guardedClock } from './node/guarded-clock.js';
export type { Logger, RaftNodeOptions } from './node/options.js';
export type { FoundPeer, PeerInquiry } from './node/peer-inquiries.js';
export type { ProposalOutcome } from './node/proposals.js';
export { RaftNode } from './node/raft-node.js';
export type { FollowerReport, NodeReport } from './node/report.js';
export type { Wait } from './node/waiting.js';
export type { Clock, Random } from './ports/clock.js';
export { systemClock, systemRandom } from './ports/clock.js';
export type { LogAppend, LogContents, LogOwner, LogStore, StoredHardState, StoredLog } from './ports/log-store.js';
export type { SnapshotMeta, SnapshotStore, SnapshotWriter, StoredSnapshot } from './ports/snapshot-store.js';
export type { Committed, MembersChange, SnapshotOrigin, StateMachine } from './ports/state-machine.js';
export type { Transport, TransportLocal, TransportReceiver } from './ports/transport.js';
export { holdInMemory, MemorySnapshotStore } from './snapshots/memory-snapshot-store.js';
export type { SnapshotPolicy } from './snapshots/snapshot-policy.js';
export type { StateExport } from './snapshots/snapshots.js';
export { unwrapPayload } from './wire/entries.js';

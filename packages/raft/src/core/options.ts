import type { MemberId } from '../identity/member-id.js';
import type { Random } from '../ports/clock.js';
import type { Configuration } from './configuration.js';
import type { Entry, EntryEncoder, LogPosition } from './entry.js';

/** All in ms. */
export interface RaftTiming {
  /** Silence after which a follower suspects the leader; each wait is this to twice this, drawn anew. */
  readonly followerMaxIdleInMs: number;
  /** Caps one election; a failed one is retried after a random part of `followerMaxIdleInMs`. */
  readonly electionTimeoutInMs: number;
  /** Longest a leader stays silent towards a follower. */
  readonly heartbeatInMs: number;
}

/** Every bound of the core. Past one of them the caller is refused, and nothing grows. */
export interface RaftLimits {
  readonly maxEntriesPerMessage: number;
  readonly maxBytesPerMessage: number;
  /** Appends under way towards one follower. */
  readonly maxInflightMessages: number;
  readonly maxInflightBytes: number;
  /** Entries of this leader that are not committed yet. */
  readonly maxUncommittedBytes: number;
  readonly maxPendingReads: number;
  /** Entries handed over for application at once, so that a long backlog does not hold up heartbeats. */
  readonly maxAppliedPerReady: number;
  readonly maxAppliedBytesPerReady: number;
  /** How far a learner may be behind what is committed to be promoted, in entries (thesis §4.2.1). */
  readonly maxPromotionLag: number;
}

export const defaultTiming: RaftTiming = { followerMaxIdleInMs: 1000, electionTimeoutInMs: 3000, heartbeatInMs: 100 };

export const defaultLimits: RaftLimits = {
  maxEntriesPerMessage: 1024,
  maxBytesPerMessage: 1024 * 1024,
  maxInflightMessages: 128,
  maxInflightBytes: 8 * 1024 * 1024,
  maxUncommittedBytes: 64 * 1024 * 1024,
  maxPendingReads: 65_536,
  maxAppliedPerReady: 4096,
  maxAppliedBytesPerReady: 256 * 1024,
  maxPromotionLag: 1024,
};

/** What must survive a restart of the same incarnation (paper, figure 2: persistent state besides the log). */
export interface HardState {
  readonly term: number;
  readonly vote: MemberId | undefined;
}

export interface RaftCoreOptions {
  readonly self: MemberId;
  /** The members as of `base`. */
  readonly configuration: Configuration;
  /** Where the log begins; default: the origin of a new grid. */
  readonly base?: LogPosition;
  /** State of an earlier run of this same incarnation. */
  readonly hardState?: HardState;
  readonly entries?: readonly Entry[];
  /** Up to here the state machine holds what the entries did; default: `base`. */
  readonly appliedIndex?: number;
  readonly timing?: Partial<RaftTiming>;
  readonly limits?: Partial<RaftLimits>;
  /** A voter that never stands for election. Default: false. */
  readonly onlyFollower?: boolean;
  readonly random: Random;
  readonly encoder: EntryEncoder;
  /** The present, in ms, on the clock whose readings all later calls carry. */
  readonly now: number;
}

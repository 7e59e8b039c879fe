import type { MemberId } from '../identity/member-id.js';
import type { Configuration } from './configuration.js';
import type { Entry, LogPosition } from './entry.js';

interface Addressed {
  readonly from: MemberId;
  readonly to: MemberId;
  /** The sender's term; of a pre-vote request (and its grant) the term it would stand in. */
  readonly term: number;
}

/** Asks whether a vote request would be granted, without disturbing anyone's term (thesis §9.6). */
export interface PreVoteRequest extends Addressed {
  readonly type: 'pre-vote-request';
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
}

export interface PreVoteResponse extends Addressed {
  readonly type: 'pre-vote-response';
  readonly granted: boolean;
}

/** RequestVote (paper, figure 2). */
export interface VoteRequest extends Addressed {
  readonly type: 'vote-request';
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
  /** The leader itself asked for this election, so its lease does not stand in the way (thesis §4.2.3). */
  readonly transfer: boolean;
}

export interface VoteResponse extends Addressed {
  readonly type: 'vote-response';
  readonly granted: boolean;
}

/** AppendEntries (paper, figure 2). Without entries it is a heartbeat, and a probe of the follower's log. */
export interface AppendRequest extends Addressed {
  readonly type: 'append-request';
  readonly prevLogIndex: number;
  readonly prevLogTerm: number;
  readonly entries: readonly Entry[];
  readonly commitIndex: number;
  /** The leader's counter of rounds, echoed in the response: a majority of echoes proves that it still led then. */
  readonly round: number;
}

export interface AppendResponse extends Addressed {
  readonly type: 'append-response';
  readonly success: boolean;
  /** Success: the follower's log equals the leader's up to here. */
  readonly matchIndex: number;
  /** Rejection: the `prevLogIndex` that did not match. */
  readonly rejectedIndex: number;
  /** Rejection: no entry after this one can be common; and the follower's term there. */
  readonly hintIndex: number;
  readonly hintTerm: number;
  readonly round: number;
}

/** InstallSnapshot (paper §7), one chunk. */
export interface SnapshotRequest extends Addressed {
  readonly type: 'snapshot-request';
  readonly position: LogPosition;
  readonly configuration: Configuration;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly done: boolean;
}

export interface SnapshotResponse extends Addressed {
  readonly type: 'snapshot-response';
  /** Which snapshot is being received, and the offset from which the follower wants it. */
  readonly index: number;
  readonly offset: number;
}

/** A follower's read, to be confirmed by the leader (thesis §6.4). */
export interface ReadIndexRequest extends Addressed {
  readonly type: 'read-index-request';
  readonly context: number;
}

export interface ReadIndexResponse extends Addressed {
  readonly type: 'read-index-response';
  readonly context: number;
  /** What has to be applied before reading; undefined: refused, ask again. */
  readonly index: number | undefined;
}

/** The leader hands over: the receiver stands for election at once (thesis §3.10). */
export interface TimeoutNow extends Addressed {
  readonly type: 'timeout-now';
}

export type Message =
  | PreVoteRequest
  | PreVoteResponse
  | VoteRequest
  | VoteResponse
  | AppendRequest
  | AppendResponse
  | SnapshotRequest
  | SnapshotResponse
  | ReadIndexRequest
  | ReadIndexResponse
  | TimeoutNow;

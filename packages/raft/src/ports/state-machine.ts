import type { MemberId } from '../identity/member-id.js';

/** A committed command, as it is applied. */
export interface Committed {
  readonly index: number;
  readonly term: number;
  /** Log time in ms: the same on every member, never decreasing. */
  readonly time: number;
  /** The entry, an encoded HamokMessage. */
  readonly data: Uint8Array;
}

export interface MembersChange {
  readonly index: number;
  readonly joined: readonly MemberId[];
  readonly left: readonly MemberId[];
}

export interface SnapshotOrigin {
  readonly index: number;
  readonly time: number;
  readonly members: readonly MemberId[];
}

/** What is replicated. Called in log order, never concurrently. */
export interface StateMachine {
  /** Asked on the leader before a proposal of `from` is appended: a code to refuse it with, or undefined. */
  admit?(from: MemberId, data: Uint8Array): string | undefined;
  /** Synchronous and deterministic. What it returns is the result for the proposer. If it throws, this member stops. */
  apply(entry: Committed): unknown;
  membersChanged?(change: MembersChange): void;
  /**
   * The state as of the last apply, or of that under way: cut at the call, produced while iterating, which is done at most once, and may be given up. The same
   * state makes the same bytes, on every member, however they are cut into chunks. Without it, and `restore`, the log is never
   * compacted, for there is nothing to put in its place: it grows for as long as the grid lives.
   */
  snapshot?(): AsyncIterable<Uint8Array>;
  /** Replaces the whole state, or keeps the one before where reading `data` throws; nothing is applied until it resolves. */
  restore?(origin: SnapshotOrigin, data: AsyncIterable<Uint8Array>): Promise<void>;
  /** The term while this member leads and has applied everything of earlier terms; undefined when it does not. */
  leading?(term: number | undefined): void;
  /** A frame that another member sent directly. */
  receive?(from: MemberId, frame: Uint8Array): void;
}

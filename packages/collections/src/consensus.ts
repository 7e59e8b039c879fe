/**
 * The seam between collections and whatever agrees on their order: an engine owes order and membership;
 * sessions, deduplication and results belong to the collections.
 */

/** A member of a grid: `${id}@${incarnation}`. A process that lost its state comes back as another incarnation. */
export type MemberId = string;

export interface Wait {
  readonly signal?: AbortSignal;
  readonly timeoutInMs?: number;
}

export interface CommittedCommand {
  /** Position in the log, from 0. Grows by at least one from command to command. */
  readonly index: number;
  /** Log time in ms, the same on every member and never decreasing. It stands still while there is no leader. */
  readonly time: number;
  readonly command: Uint8Array;
}

export interface MembersChange {
  readonly index: number;
  readonly joined: readonly MemberId[];
  readonly left: readonly MemberId[];
}

export interface SnapshotOrigin {
  readonly index: number;
  readonly time: number;
  /** Where the data has a later incarnation of one of them, that is who it means. */
  readonly members: readonly MemberId[];
}

export interface EngineStatus {
  readonly leader: MemberId | undefined;
  readonly term: number;
  /** Highest index known to be committed; -1 for none. */
  readonly commit: number;
  /** Highest index applied here; -1 for none. */
  readonly applied: number;
  /** Those there are when it is read: collections ask for the status often, and for this seldom. */
  readonly members: readonly MemberId[];
}

/** Decides the order of commands and the membership of the grid. */
export interface Consensus {
  /** This member; empty where the engine names it at its start, and has not been started. Changes only when it returns to the grid as a new incarnation, through `StateMachine.restore`. */
  readonly self: MemberId;
  /** Begins delivery to the machine. One machine an engine; called once. */
  start(machine: StateMachine): Promise<void>;
  /**
   * Proposes a command. Resolves with its index once it is applied on this member.
   * Rejects with an error that has `mayHaveHappened: false` when the command is certainly not in the log (a retry is safe): one
   * with the code `not-committed` has the code of what refused it as `reason`. Any other error (code `indeterminate`) says that it
   * may be, now or later. Never throws, and lets no proposal wait for ever. Proposals of one member, made one after another, reach the log in that order or not at all.
   */
  propose(command: Uint8Array, wait?: Wait): Promise<number>;
  /** Resolves with an index once everything that was committed in the grid before the call is applied here. */
  barrier(wait?: Wait): Promise<number>;
  /** Hands a frame to another member directly: lossy and unordered. False when it is known not to have left. */
  send(to: MemberId, frame: Uint8Array): boolean;
  status(): EngineStatus;
  stop(): Promise<void>;
}

/** What is replicated. Called in log order, never concurrently. */
export interface StateMachine {
  /** As it was told of them, or as it found them in what it was restored from. */
  readonly members?: readonly MemberId[];
  /**
   * Asked on the leader before a proposal is appended: the code of a refusal, or undefined to let it in.
   * `from` is the proposing member. A refusal leaves no trace in the log. Called in the order of appending.
   */
  admit(from: MemberId, command: Uint8Array): string | undefined;
  /** Synchronous and deterministic. Throws only what must stop this member (a command from a newer version). */
  apply(entry: CommittedCommand): void;
  /** In log order with `apply`. The initial members arrive as one change, with the index of the grid's base (-1 for a new grid). */
  membersChanged(change: MembersChange): void;
  /** The state as of the last apply: the cut is made at the call, the bytes are produced while iterating. */
  snapshot(): AsyncIterable<Uint8Array>;
  /**
   * Replaces the whole state; by that of a new grid, without looking at the data, where the index is -1. Nothing is applied until
   * it resolves. A rejection leaves the state as it was.
   */
  restore(origin: SnapshotOrigin, data: AsyncIterable<Uint8Array>): Promise<void>;
  /** The term while this member leads and everything of earlier terms is applied here; undefined when it does not. */
  leading(term: number | undefined): void;
  /** The engine has stopped for good, by that, until it is started again: nothing follows, and no call can succeed. */
  failed?(failure: Error): void;
  /** A frame that another member sent directly. Hostile until decoded. */
  receive(from: MemberId, frame: Uint8Array): void;
}

import type { Configuration } from '../core/configuration.js';
import type { Entry, LogPosition } from '../core/entry.js';
import type { HardState } from '../core/options.js';
import type { MemberId } from '../identity/member-id.js';

/** Whose log it is: that of one incarnation, in the one grid that it is bound to. */
export interface LogOwner {
  readonly member: MemberId;
  readonly gridId: string;
  /** The members that the grid began with. */
  readonly founders: readonly MemberId[];
}

/** To be kept whole. */
export interface StoredHardState extends HardState {
  /**
   * The latest process that went on as this member; undefined: none did. The next one takes a later name, though the clock has gone
   * back since.
   */
  readonly run?: MemberId | undefined;
}

/** A log from its base on, and what else its owner must not forget. */
export interface LogContents {
  readonly owner: LogOwner;
  readonly hardState: StoredHardState;
  /** What lies up to here is covered by a snapshot; the origin of a new grid where nothing is. */
  readonly base: LogPosition;
  /** The members as of `base`, and the most voters there were: to be kept whole. */
  readonly configuration: Configuration;
  /** Those that follow `base`, one after another. */
  readonly entries: readonly Entry[];
}

/** What the last run of a member left. */
export interface StoredLog extends LogContents {
  /**
   * Everything that was reported durable is there. False where a crash may have taken some of it: the owner then must not come back
   * as the voter that it was, and what is left is only a head start for another incarnation.
   */
  readonly complete: boolean;
}

/** What one append makes durable, all of it or (in a crash) a prefix of the entries. */
export interface LogAppend {
  /** Undefined: unchanged. */
  readonly hardState: StoredHardState | undefined;
  /** They replace whatever is stored from the first one's index on. */
  readonly entries: readonly Entry[];
}

/**
 * Keeps what one member must not forget from one run to the next: who it is, its term and vote, and its log. The default grid has
 * none, and everything is in memory.
 *
 * Calls are made one after another, and take effect in that order: whatever a crash leaves is what a first part of them made. A
 * call that throws or rejects stops the member for good.
 */
export interface LogStore {
  /**
   * Before all else, and again after `close`: what the last run of `id` left; undefined for nothing. `failed` is for what no call
   * tells, where the store goes on writing behind their backs: it stops the member at once, and for good, as a call that rejects does.
   */
  open(id: string, failed: (error: Error) => void): Promise<StoredLog | undefined>;
  /** Begins a log in place of whatever was there. Resolves once it is durable, at every level. */
  begin(contents: LogContents): Promise<void>;
  /**
   * Returns when it is durable at the level that the store promises: undefined at once, or by a promise. A hard state is durable
   * by then at every level. Called without waiting for earlier ones.
   */
  append(append: LogAppend): Promise<void> | undefined;
  /**
   * Entries up to the position are covered by a durable snapshot, and its configuration is given. If the log does not reach the
   * position, or disagrees with it, nothing of it is kept, and it goes on behind the position.
   */
  compact(position: LogPosition, configuration: Configuration): Promise<void> | undefined;
  /** Forgets everything: the next run is that of a new member. Resolves once that is durable. */
  clear(): Promise<void>;
  /** Makes everything durable, so that the next run finds it complete, unless a call failed. */
  close(): Promise<void>;
}

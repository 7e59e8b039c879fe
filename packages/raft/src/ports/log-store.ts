import type { Configuration } from '../core/configuration.js';
import type { Entry, LogPosition } from '../core/entry.js';
import type { HardState } from '../core/options.js';

/** What one append makes durable, all of it or (in a crash) a prefix of the entries. */
export interface LogAppend {
  /** Undefined: unchanged. */
  readonly hardState: HardState | undefined;
  /** They replace whatever is stored from the first one's index on. */
  readonly entries: readonly Entry[];
}

/** Keeps the log and the hard state of one incarnation. The default grid has none: everything is in memory. */
export interface LogStore {
  /** Returns when it is durable at the level that the store promises: undefined at once, or by a promise. Called in order, without waiting for earlier ones. */
  append(append: LogAppend): Promise<void> | undefined;
  /** Entries up to the position are covered by a snapshot, and its configuration is given. */
  compact(position: LogPosition, configuration: Configuration): void;
  close(): Promise<void>;
}

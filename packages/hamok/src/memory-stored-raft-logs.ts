import type { HamokMessage } from '@hamok/messages';

/**
 * For programs of 2.6: the log in memory, as without `raftLogs`. Its parameters have no effect: `logEntriesExpirationTimeInMs` and
 * `snapshots` of the configuration bound the log.
 */
export class MemoryStoredRaftLogs {
  constructor(
    readonly config: { readonly expirationTimeInMs?: number; readonly memorySizeHighWaterMark?: number } = {},
    _entries?: ReadonlyMap<number, unknown>,
  ) {}
}

/** 2.6's name for what keeps the log. Logs that programs of 2.6 wrote themselves are not carried over: `LogStore` is what replaced them. */
export type RaftLogs = MemoryStoredRaftLogs;

/** An entry of the log as 2.6 had it. */
export interface LogEntry {
  readonly index: number;
  readonly term: number;
  readonly entry: HamokMessage;
  readonly timestamp: number;
}

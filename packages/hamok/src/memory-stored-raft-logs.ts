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

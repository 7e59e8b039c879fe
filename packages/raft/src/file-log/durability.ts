/**
 * When an entry is acknowledged. Terms, votes and bindings are on the disk before any answer, at every level.
 *
 * - `always`: once it is on the disk. Whatever crashes, nothing acknowledged is lost while the disks of a majority are whole.
 * - `interval`: once the operating system has it, which is told to put it on the disk every `syncIntervalInMs`.
 * - `os`: once the operating system has it, which puts it on the disk when it sees fit.
 *
 * Below `always`, a process that did not stop in order comes back as a new incarnation, and its log is only a head start: it counts
 * as failed until it has joined again.
 */
export type Durability = 'always' | 'interval' | 'os';

export const durabilities = ['always', 'interval', 'os'] as const satisfies readonly Durability[];

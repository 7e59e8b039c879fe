import type { RaftLog } from '../core/log.js';

/** When a snapshot is taken, and how much of the log is kept behind it. Whichever comes first counts. */
export interface SnapshotPolicy {
  /** Applied entries in the log. Default 10000; 0: their number does not matter. */
  readonly entries: number;
  /** Bytes in the log. Default 16 MiB; 0: they do not matter. */
  readonly bytes: number;
  /** Age of the oldest applied entry, in ms of log time. Default 300000; 0: it does not matter. */
  readonly ageInMs: number;
  /** Applied entries that stay in the log for followers that are a little behind. Default 1024. */
  readonly keepEntries: number;
}

export const defaultSnapshotPolicy: SnapshotPolicy = {
  entries: 10_000,
  bytes: 16 * 1024 * 1024,
  ageInMs: 300_000,
  keepEntries: 1024,
};

/**
 * Whether it is time. A state is not written again for the number or bytes of entries before the log has grown to its size, so that
 * snapshots never cost more than the entries did.
 */
export function isSnapshotDue(
  policy: SnapshotPolicy,
  log: Pick<RaftLog, 'base' | 'firstIndex' | 'appliedIndex' | 'bytes' | 'get'>,
  lastSnapshot: { readonly index: number; readonly size: number },
): boolean {
  const applied = log.get(log.appliedIndex);
  const news = log.appliedIndex - Math.max(lastSnapshot.index, log.base.index);
  if (!applied || news <= 0) return false;
  if (policy.bytes > 0 && log.bytes >= Math.max(policy.bytes, lastSnapshot.size)) return true;
  if (policy.entries > 0 && news >= policy.entries && log.bytes >= lastSnapshot.size) return true;
  const oldest = log.get(Math.max(log.firstIndex, lastSnapshot.index + 1));
  return policy.ageInMs > 0 && oldest !== undefined && applied.time - oldest.time >= policy.ageInMs;
}

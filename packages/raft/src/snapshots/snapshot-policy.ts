/** When a snapshot is taken, and how much of the log is kept behind it. Whichever comes first counts. */
export interface SnapshotPolicy {
  /** Entries applied since the last snapshot. Default 10000; 0: their number does not matter. */
  readonly entries: number;
  /** Their bytes. Default 16 MiB; 0: they do not matter. */
  readonly bytes: number;
  /** Log time between the first and the last of them, in ms. Default 300000; 0: it does not matter. */
  readonly ageInMs: number;
  /** Applied entries that stay in the log for followers that are a little behind, as long as they are small. Default 1024. */
  readonly keepEntries: number;
}

export const defaultSnapshotPolicy: SnapshotPolicy = {
  entries: 10_000,
  bytes: 16 * 1024 * 1024,
  ageInMs: 300_000,
  keepEntries: 1024,
};

/** At most so many bytes stay in the log for followers that are a little behind. */
export const keptBytes = 4 * 1024 * 1024;

/** What was applied since the last snapshot. */
export interface Unsaved {
  readonly entries: number;
  readonly bytes: number;
  readonly firstTime: number;
  readonly lastTime: number;
}

/**
 * Whether it is time. A state is not written again for the number or the bytes of the entries before these have grown to its
 * own size, so that snapshots never cost more than the entries did.
 */
export function isSnapshotDue(policy: SnapshotPolicy, unsaved: Unsaved, lastSize: number): boolean {
  if (unsaved.entries === 0) return false;
  if (policy.ageInMs > 0 && unsaved.lastTime - unsaved.firstTime >= policy.ageInMs) return true;
  if (unsaved.bytes < lastSize) return false;
  const many = policy.entries > 0 && unsaved.entries >= policy.entries;
  return many || (policy.bytes > 0 && unsaved.bytes >= policy.bytes);
}

import type { Configuration } from '../core/configuration.js';
import type { LogPosition } from '../core/entry.js';

/** What a snapshot covers. */
export interface SnapshotMeta {
  readonly gridId: string;
  /** The last entry that it includes. */
  readonly position: LogPosition;
  /** The members as of that entry, and the most voters there were: to be kept whole. */
  readonly configuration: Configuration;
}

/** A complete snapshot. It stays readable while someone holds it, even when a newer one has taken its place. */
export interface StoredSnapshot {
  readonly meta: SnapshotMeta;
  /** In bytes. */
  readonly size: number;
  /** Up to `length` bytes from `offset` on; fewer only at the end. The caller does not change them. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface SnapshotWriter {
  /** Called one after another. */
  append(chunk: Uint8Array): Promise<void>;
  /** Makes it durable, as far as the store promises that, and the latest. */
  complete(): Promise<StoredSnapshot>;
  /** Drops what was written. */
  abort(): Promise<void>;
}

/** Where snapshots are kept: the newest one of a grid is all that is needed. */
export interface SnapshotStore {
  /** What is wrong with those that are there and were passed over, for people. */
  readonly damage?: readonly string[];
  /** The one that was completed last; of that grid, where one is named. */
  latest(gridId?: string): Promise<StoredSnapshot | undefined>;
  create(meta: SnapshotMeta): SnapshotWriter;
}

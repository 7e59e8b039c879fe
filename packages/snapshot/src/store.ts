import type { SnapshotHeader } from './format.js';

/** What a snapshot covers. */
export interface SnapshotMeta {
  readonly gridId: string;
  /** The last entry that it includes: its index, term and log time (ms). */
  readonly position: { readonly index: number; readonly term: number; readonly time: number };
  /** The members as of that entry, as `id@incarnation`. */
  readonly configuration: Pick<SnapshotHeader, 'voters' | 'learners' | 'mostVoters'>;
}

/** A complete snapshot. It stays readable while someone holds it, even when a newer one has taken its place. */
export interface StoredSnapshot {
  readonly meta: SnapshotMeta;
  /** Of the state, in bytes. */
  readonly size: number;
  /**
   * Up to `length` bytes of the state from `offset` on; fewer only at the end. The caller does not change them.
   * @throws {DamagedSnapshotError} where they are not what was written
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface SnapshotWriter {
  /** Adds to the state. Called one after another. */
  append(chunk: Uint8Array): Promise<void>;
  /** Makes it durable, as far as the store promises that, and the latest. */
  complete(): Promise<StoredSnapshot>;
  /** Drops what was written. */
  abort(): Promise<void>;
}

/** Where consensus keeps its snapshots: one state each, the latest of a grid counts. */
export interface SnapshotStore {
  /** What is wrong with those that are there and were passed over, for people. */
  readonly damage?: readonly string[];
  /** The one that was completed last; of that grid, where one is named. */
  latest(gridId?: string): Promise<StoredSnapshot | undefined>;
  create(meta: SnapshotMeta): SnapshotWriter;
}

/** The section that a store keeps the state in. */
export const stateSection = 'state';

import { SnapshotError } from '../errors.js';
import type { Compression } from '../format.js';
import type { SnapshotMeta, SnapshotStore, SnapshotWriter, StoredSnapshot } from '../store.js';
import { FileWriter } from './file-writer.js';
import { SnapshotDirectory } from './snapshot-directory.js';
import { openSnapshotFile } from './snapshot-file.js';

export interface FileStoreOptions {
  /** Made where it is not there. For one live process at a time. */
  readonly directory: string;
  /** How many snapshots of a grid stay, the latest included: from 1, default 2. Those of a grid before stay until another has two. */
  readonly keep?: number;
  /** Default `none`. */
  readonly compression?: Compression;
  /** A file is no whole snapshot, or of a later release: it is passed over, and stays until newer ones have taken its place. */
  readonly onDamaged?: (path: string, error: SnapshotError) => void;
}

/**
 * Keeps snapshots as files, each a container. A snapshot appears under its name only when all of it is on the disk, so that a crash
 * leaves those before it as they were. Files are numbered in the order in which they were written.
 */
export class FileSnapshotStore implements SnapshotStore {
  readonly #directory: SnapshotDirectory;
  readonly #options: FileStoreOptions;
  readonly #keep: number;
  #opened: Promise<void> | undefined;
  /** Those that were read, or written, by their names. */
  readonly #whole = new Map<string, StoredSnapshot>();
  readonly #damaged = new Map<string, SnapshotError>();

  /** @throws {RangeError} for a `keep` that is no whole number from 1 */
  constructor(options: FileStoreOptions) {
    const { keep = 2, directory } = options;
    if (!Number.isSafeInteger(keep) || keep < 1) throw new RangeError(`keep: ${keep} is not a whole number from 1`);
    this.#options = options;
    this.#keep = keep;
    this.#directory = new SnapshotDirectory(directory);
  }

  /** The newest one that is whole; of that grid, where one is named. What is looked at for the first time is read to its end. */
  async latest(gridId?: string): Promise<StoredSnapshot | undefined> {
    for (const name of (await this.#open()).names) {
      const snapshot = await this.#snapshotIn(name);
      if (snapshot && (gridId === undefined || snapshot.meta.gridId === gridId)) return snapshot;
    }
    return undefined;
  }

  create(meta: SnapshotMeta): SnapshotWriter {
    const written = async (name: string, snapshot: StoredSnapshot): Promise<void> => {
      this.#whole.set(name, snapshot);
      await this.#prune(meta.gridId);
    };
    return new FileWriter(meta, this.#options.compression ?? 'none', () => this.#open(), written);
  }

  get damage(): string[] {
    return [...this.#damaged].map(([name, { message }]) => `${this.#directory.pathOf(name)}: ${message}`);
  }

  /** Paths of the snapshots that are kept, the newest first. */
  async paths(): Promise<string[]> {
    return (await this.#open()).names.map((name) => this.#directory.pathOf(name));
  }

  async #open(): Promise<SnapshotDirectory> {
    this.#opened ??= this.#directory.open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    await this.#opened;
    return this.#directory;
  }

  /**
   * Removes all but the newest of a grid that are whole. Those of others stay until it has two: a member may die between the snapshot
   * with which a grid begins and its log, and then goes on in the one before.
   */
  async #prune(gridId: string): Promise<void> {
    const forOthers = Math.max(this.#keep, 2);
    let newer = 0;
    for (const name of [...this.#directory.names]) {
      const isOfGrid = newer < forOthers && (await this.#snapshotIn(name))?.meta.gridId === gridId;
      if (newer >= (isOfGrid ? this.#keep : forOthers)) {
        await this.#directory.remove(name);
        this.#whole.delete(name);
        this.#damaged.delete(name);
      }
      if (isOfGrid) newer++;
    }
  }

  /** Undefined for a file that is no whole snapshot. */
  async #snapshotIn(name: string): Promise<StoredSnapshot | undefined> {
    const known = this.#whole.get(name);
    if (known || this.#damaged.has(name)) return known;
    const path = this.#directory.pathOf(name);
    try {
      const snapshot = await openSnapshotFile(path);
      this.#whole.set(name, snapshot);
      return snapshot;
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      this.#damaged.set(name, error);
      this.#options.onDamaged?.(path, error);
      return undefined;
    }
  }
}

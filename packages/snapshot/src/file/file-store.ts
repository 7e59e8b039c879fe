import { join } from 'node:path';
import { SnapshotError } from '../errors.js';
import type { Compression } from '../format.js';
import type { SnapshotMeta, SnapshotStore, SnapshotWriter, StoredSnapshot } from '../store.js';
import { FileWriter } from './file-writer.js';
import { SnapshotDirectory } from './snapshot-directory.js';
import { openSnapshotFile } from './snapshot-file.js';

export interface FileStoreOptions {
  /** Made where it is not there. For one live process at a time. */
  readonly directory: string;
  /** How many snapshots stay, the latest included: from 1, default 2. */
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
  #found: Promise<void> | undefined;
  #latest: StoredSnapshot | undefined;

  /** @throws {RangeError} for a `keep` that is no whole number from 1 */
  constructor(options: FileStoreOptions) {
    const { keep = 2, directory } = options;
    if (!Number.isSafeInteger(keep) || keep < 1) throw new RangeError(`keep: ${keep} is not a whole number from 1`);
    this.#options = options;
    this.#directory = new SnapshotDirectory(directory, keep);
  }

  /** The newest one that is whole. The first call reads it to its end. */
  async latest(): Promise<StoredSnapshot | undefined> {
    await this.#find();
    return this.#latest;
  }

  create(meta: SnapshotMeta): SnapshotWriter {
    const directory = async (): Promise<SnapshotDirectory> => {
      await this.#find();
      return this.#directory;
    };
    return new FileWriter(meta, this.#options.compression ?? 'none', directory, (snapshot) => {
      this.#latest = snapshot;
    });
  }

  /** Paths of the snapshots that are kept, the newest first. */
  async paths(): Promise<string[]> {
    await this.#find();
    return this.#directory.names.map((name) => join(this.#options.directory, name));
  }

  #find(): Promise<void> {
    this.#found ??= this.#open().catch((error: unknown) => {
      this.#found = undefined;
      throw error;
    });
    return this.#found;
  }

  async #open(): Promise<void> {
    await this.#directory.open();
    for (const name of this.#directory.names) {
      const path = join(this.#options.directory, name);
      try {
        this.#latest = await openSnapshotFile(path);
        return;
      } catch (error) {
        if (!(error instanceof SnapshotError)) throw error;
        this.#directory.discount(name);
        this.#options.onDamaged?.(path, error);
      }
    }
  }
}

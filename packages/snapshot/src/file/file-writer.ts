import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Compression } from '../format.js';
import type { SnapshotMeta, SnapshotWriter, StoredSnapshot } from '../store.js';
import { StoredContainerWriter } from '../stored-container.js';
import type { SnapshotDirectory } from './snapshot-directory.js';
import { SnapshotFile } from './snapshot-file.js';

interface Part {
  readonly handle: FileHandle;
  readonly path: string;
  readonly name: string;
}

/** Writes one snapshot to a file that has no name yet. */
export class FileWriter implements SnapshotWriter {
  readonly #container: StoredContainerWriter;
  #part: Part | undefined;

  /** @param directory once it is known what is in there */
  constructor(
    meta: SnapshotMeta,
    compression: Compression,
    private readonly directory: () => Promise<SnapshotDirectory>,
    private readonly written: (name: string, snapshot: StoredSnapshot) => Promise<void>,
  ) {
    this.#container = new StoredContainerWriter(meta, compression);
  }

  async append(data: Uint8Array): Promise<void> {
    const { handle } = await this.#begun();
    for await (const record of this.#container.append(data)) await handle.appendFile(record);
  }

  async complete(): Promise<StoredSnapshot> {
    const { handle, path: part, name } = await this.#begun();
    await handle.appendFile(this.#container.end());
    await handle.sync();
    await handle.close();
    const path = await (await this.directory()).publish(part, name);
    const snapshot = this.#container.stored(await SnapshotFile.open(path));
    await this.written(name, snapshot);
    return snapshot;
  }

  async abort(): Promise<void> {
    if (!this.#part) return;
    await this.#part.handle.close().catch(() => undefined);
    await rm(this.#part.path, { force: true });
  }

  async #begun(): Promise<Part> {
    if (this.#part) return this.#part;
    const { path, name } = (await this.directory()).next();
    const handle = await open(path, 'wx');
    this.#part = { handle, path, name };
    for (const record of this.#container.begin()) await handle.appendFile(record);
    return this.#part;
  }
}

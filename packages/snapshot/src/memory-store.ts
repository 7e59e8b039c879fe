import type { Compression } from './format.js';
import type { SnapshotMeta, SnapshotStore, SnapshotWriter, StoredSnapshot } from './store.js';
import { StoredContainerWriter } from './stored-container.js';

export interface MemoryStoreOptions {
  /** Default `none`. */
  readonly compression?: Compression;
}

/** Keeps the latest snapshot in memory: as a container, so that it can be compressed, and is checked when it is read. */
export class MemorySnapshotStore implements SnapshotStore {
  #latest: StoredSnapshot | undefined;

  constructor(private readonly options: MemoryStoreOptions = {}) {}

  async latest(gridId?: string): Promise<StoredSnapshot | undefined> {
    return gridId === undefined || this.#latest?.meta.gridId === gridId ? this.#latest : undefined;
  }

  create(meta: SnapshotMeta): SnapshotWriter {
    const writer = new StoredContainerWriter(meta, this.options.compression ?? 'none');
    const records = new Map<number, Uint8Array>();
    let position = 0;
    const keep = (record: Uint8Array): void => {
      records.set(position, record);
      position += record.byteLength;
    };
    for (const record of writer.begin()) keep(record);
    return {
      append: async (data) => {
        for await (const record of writer.append(data)) keep(record);
      },
      complete: async () => {
        keep(writer.end());
        this.#latest = writer.stored({ read: async (at) => records.get(at) ?? new Uint8Array(0) });
        return this.#latest;
      },
      abort: async () => records.clear(),
    };
  }
}

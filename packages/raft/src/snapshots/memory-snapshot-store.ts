import type { Clock } from '../ports/clock.js';
import type { SnapshotMeta, SnapshotStore, SnapshotWriter, StoredSnapshot } from '../ports/snapshot-store.js';
import { Pace } from './pace.js';
import { writeSnapshot } from './transcribe.js';

/** Keeps a state in memory, in pieces between which others get their turn. */
export function holdInMemory(
  meta: SnapshotMeta,
  state: AsyncIterable<Uint8Array>,
  clock: Clock,
): Promise<StoredSnapshot> {
  return writeSnapshot(new MemorySnapshotStore(), meta, state, new Pace(clock));
}

/** Keeps the latest snapshot in memory. */
export class MemorySnapshotStore implements SnapshotStore {
  #latest: StoredSnapshot | undefined;

  async latest(gridId?: string): Promise<StoredSnapshot | undefined> {
    return gridId === undefined || this.#latest?.meta.gridId === gridId ? this.#latest : undefined;
  }

  create(meta: SnapshotMeta): SnapshotWriter {
    const chunks: Uint8Array[] = [];
    return {
      append: async (chunk) => {
        chunks.push(chunk);
      },
      complete: async () => {
        this.#latest = new MemorySnapshot(meta, chunks);
        return this.#latest;
      },
      abort: async () => {
        chunks.length = 0;
      },
    };
  }
}

class MemorySnapshot implements StoredSnapshot {
  readonly size: number;
  /** Where each chunk begins. */
  readonly #offsets: number[] = [];

  constructor(
    readonly meta: SnapshotMeta,
    private readonly chunks: readonly Uint8Array[],
  ) {
    let size = 0;
    for (const chunk of chunks) {
      this.#offsets.push(size);
      size += chunk.byteLength;
    }
    this.size = size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    for (let i = this.#chunkAt(offset), filled = 0; filled < bytes.byteLength; i++) {
      const chunk = this.chunks[i];
      if (!chunk) break;
      const from = offset + filled - (this.#offsets[i] ?? 0);
      const part = chunk.subarray(from, from + bytes.byteLength - filled);
      bytes.set(part, filled);
      filled += part.byteLength;
    }
    return bytes;
  }

  /** The last chunk that begins at or before an offset. */
  #chunkAt(offset: number): number {
    let low = 0;
    let high = this.#offsets.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#offsets[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

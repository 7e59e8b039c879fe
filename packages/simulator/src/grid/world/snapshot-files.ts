import type { LogPosition, SnapshotMeta, SnapshotStore, SnapshotWriter, StoredSnapshot } from '@hamok/raft';

interface File {
  readonly snapshot: StoredSnapshot;
  /** It was there when its host's log was cleared: an incarnation before this one wrote it. */
  isLeftOver: boolean;
  /** It could not be read: its member may not stand behind it yet. */
  isUnread: boolean;
}

const nothing: LogPosition = { index: -1, term: 0, time: 0 };

/** How many of a grid stay, as the store of files does by default. */
const kept = 2;
/** As if states were large, and took many chunks. */
const pieceBytes = 700;

/** The snapshots on a disk, as the product's store of files keeps them: the one that was begun last is the latest. */
export class SnapshotFiles {
  /** By when they were begun. */
  readonly #files = new Map<number, File>();
  #begun = 0;

  /** @param storeOfOne keeps what is in one file, as the product's stores of files do */
  constructor(private readonly storeOfOne: () => SnapshotStore) {}

  /** @param synced resolves when all that was written until now is durable */
  store(synced: () => Promise<void>): SnapshotStore {
    return {
      latest: async (gridId) => this.#latest(gridId)?.snapshot,
      create: (meta) => this.#create(meta, synced),
    };
  }

  /** What the latest one of a grid covers. One that was left over does not count before its member stands behind it. */
  positionIn(gridId: string, appliedIndex: number): LogPosition {
    const latest = this.#latest(gridId);
    const position = latest?.snapshot.meta.position ?? nothing;
    if (latest?.isLeftOver && position.index > appliedIndex) return nothing;
    return latest?.isUnread ? { ...position, index: Math.min(position.index, appliedIndex) } : position;
  }

  /** The log is cleared: whoever comes next has written none of these. */
  leave(): void {
    for (const file of this.#files.values()) file.isLeftOver = true;
  }

  unread(snapshot: StoredSnapshot): void {
    for (const file of this.#files.values()) if (file.snapshot === snapshot) file.isUnread = true;
  }

  #latest(gridId: string | undefined): File | undefined {
    const files = [...this.#files].sort(([a], [b]) => b - a).map(([, file]) => file);
    return files.find(({ snapshot }) => gridId === undefined || snapshot.meta.gridId === gridId);
  }

  #create(meta: SnapshotMeta, synced: () => Promise<void>): SnapshotWriter {
    const number = this.#begun++;
    const writer = this.storeOfOne().create(meta);
    return {
      append: async (chunk) => {
        for (let at = 0; at < chunk.byteLength; at += pieceBytes)
          await writer.append(chunk.subarray(at, at + pieceBytes));
      },
      abort: () => writer.abort(),
      complete: async () => {
        await synced();
        const snapshot = await writer.complete();
        this.#files.set(number, { snapshot, isLeftOver: false, isUnread: false });
        this.#prune(meta.gridId);
        return snapshot;
      },
    };
  }

  /** Those of other grids stay until this one has as many as are kept. */
  #prune(gridId: string): void {
    const numbers = [...this.#files.keys()].sort((a, b) => b - a);
    let newer = 0;
    for (const number of numbers) {
      if (newer >= kept) this.#files.delete(number);
      else if (this.#files.get(number)?.snapshot.meta.gridId === gridId) newer++;
    }
  }
}

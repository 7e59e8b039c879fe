import { afterEach, beforeEach, expect, it } from 'vitest';
import { MemorySnapshotStore, type SnapshotMeta, type SnapshotWriter, type StoredSnapshot } from '../../src/index.js';
import { TestGrid } from '../support/test-grid.js';

const ids = ['a', 'b', 'c'];

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(() => grid.stop());

/** Takes its time for each chunk. */
class SlowStore extends MemorySnapshotStore {
  kept = 0;

  override create(meta: SnapshotMeta): SnapshotWriter {
    const writer = super.create(meta);
    this.kept = 0;
    return {
      ...writer,
      append: async (chunk) => {
        await new Promise<void>((goOn) => grid.clock.setTimer(goOn, 50));
        await writer.append(chunk);
        this.kept += chunk.byteLength;
      },
    };
  }
}

/** Tells what of its snapshots is read, which is what is sent. */
class WatchedStore extends MemorySnapshotStore {
  constructor(private readonly sent: (offset: number) => void) {
    super();
  }

  override async latest(gridId?: string): Promise<StoredSnapshot | undefined> {
    const stored = await super.latest(gridId);
    if (!stored) return undefined;
    const read = (offset: number, length: number): Promise<Uint8Array> => {
      this.sent(offset);
      return stored.read(offset, length);
    };
    return { meta: stored.meta, size: stored.size, read };
  }
}

it('the next chunk is sent once the one before is kept, however much the network carries', async () => {
  const slow = new SlowStore();
  const ahead: number[] = [];
  const options = { peers: ids, limits: { maxBytesPerMessage: 32 }, snapshotPolicy: { entries: 20, keepEntries: 5 } };
  for (const id of ids) {
    const watched = new WatchedStore((offset) => ahead.push(offset - slow.kept));
    await grid.start(id, { ...options, snapshotStore: watched });
  }
  const leader = await grid.leader();
  for (let i = 0; i < 40; i++) await grid.propose(leader, `the entry ${i}`);
  const late = await grid.start('d', { ...options, bootstrap: false, snapshotStore: slow });
  await grid.until(() => late.machine.applied.length === 40);
  expect(ahead.length).toBeGreaterThan(10);
  expect(Math.max(...ahead)).toBe(0);
});

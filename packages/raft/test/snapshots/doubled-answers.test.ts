import { afterEach, beforeEach, expect, it } from 'vitest';
import { MemorySnapshotStore, type StoredSnapshot } from '../../src/index.js';
import { TestGrid } from '../support/test-grid.js';

const ids = ['a', 'b', 'c'];

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(() => grid.stop());

/** Takes down what of its snapshots is read, which is what is sent. */
class WatchedStore extends MemorySnapshotStore {
  readonly offsets: number[] = [];

  override async latest(gridId?: string): Promise<StoredSnapshot | undefined> {
    const stored = await super.latest(gridId);
    return (
      stored && {
        meta: stored.meta,
        size: stored.size,
        read: (offset, length) => {
          this.offsets.push(offset);
          return stored.read(offset, length);
        },
      }
    );
  }
}

it('a chunk is sent once, however often a network repeats the answer to the one before', async () => {
  const limits = { maxBytesPerMessage: 32 };
  const snapshotPolicy = { entries: 20, keepEntries: 0 };
  const stores = new Map(ids.map((id) => [id, new WatchedStore()]));
  for (const id of ids) {
    const snapshotStore = stores.get(id);
    if (snapshotStore) await grid.start(id, { peers: ids, limits, snapshotPolicy, snapshotStore });
  }
  const leader = await grid.leader();
  const late = grid.members.find((member) => member !== leader);
  if (!late) expect.unreachable('nobody but the leader');
  grid.network.partition([late.node.id]);
  await grid.propose(leader, ...Array.from({ length: 100 }, (_, i) => `the entry ${i}`));
  grid.network.setFaults({ minDelayInMs: 1, maxDelayInMs: 3, duplication: 0.5 });
  grid.network.heal();
  await grid.until(() => late.machine.applied.length === 100);
  // The first may be sent again, where nothing was heard of it for an idle time.
  const offsets = (stores.get(leader.node.id)?.offsets ?? []).filter((offset) => offset > 0);
  expect(new Set(offsets).size).toBeGreaterThan(5);
  expect(offsets.length).toBe(new Set(offsets).size);
});

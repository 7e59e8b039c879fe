import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemorySnapshotStore, type SnapshotMeta, type SnapshotWriter, type StoredSnapshot } from '../../src/index.js';
import { TestGrid, type TestMember } from '../support/test-grid.js';

const ids = ['a', 'b', 'c'];
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);
const snapshotPolicy = { entries: 0, bytes: 0, ageInMs: 0, keepEntries: 0 };
/** A snapshot is several messages. */
const limits = { maxBytesPerMessage: 64 };
/** The first messages are whole. */
const damagedFrom = 128;

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(() => grid.stop());

/** Its disk changes what was written, and the store notices when that is read. */
class RottingStore extends MemorySnapshotStore {
  readonly completed: StoredSnapshot[] = [];
  readonly #damaged = new Set<StoredSnapshot>();
  /** Those that are written from now on, too. */
  rotsAtOnce = false;

  rot(): void {
    for (const snapshot of this.completed) this.#damaged.add(snapshot);
  }

  override async latest(gridId?: string): Promise<StoredSnapshot | undefined> {
    const last = this.completed.at(-1);
    return gridId === undefined || last?.meta.gridId === gridId ? last : undefined;
  }

  override create(meta: SnapshotMeta): SnapshotWriter {
    const writer = super.create(meta);
    return {
      append: (chunk) => writer.append(chunk),
      abort: () => writer.abort(),
      complete: async () => {
        const whole = await writer.complete();
        const stored: StoredSnapshot = {
          meta,
          size: whole.size,
          read: async (offset, length) => {
            if (this.#damaged.has(stored) && offset + length > damagedFrom) throw new DamagedError();
            return await whole.read(offset, length);
          },
        };
        this.completed.push(stored);
        if (this.rotsAtOnce) this.rot();
        return stored;
      },
    };
  }
}

class DamagedError extends Error {
  readonly code = 'snapshot-damaged';
}

/** A leader with a hundred entries behind a snapshot, and a voter that has none of them. */
async function behind(): Promise<{ leader: TestMember; late: TestMember; store: RottingStore }> {
  const stores = new Map<string, RottingStore>();
  for (const id of ids) {
    const snapshotStore = new RottingStore();
    stores.set(id, snapshotStore);
    await grid.start(id, { peers: ids, snapshotPolicy, limits, snapshotStore });
  }
  const leader = await grid.leader();
  const late = grid.members.find((member) => member !== leader);
  const store = stores.get(leader.node.id);
  if (!late || !store) throw new Error('nobody');
  grid.network.partition([late.node.id]);
  await grid.propose(leader, ...numbers(0, 100));
  await grid.settle(leader.node.takeSnapshot());
  return { leader, late, store };
}

const codes = ({ errors }: TestMember): (string | undefined)[] => errors.map(({ code }) => code);

describe('a stored snapshot that is damaged while its member runs', () => {
  it('is given up for one that is cut of what the leader holds, although nothing happened since, and told of once', async () => {
    const { leader, late, store } = await behind();
    store.rot();
    grid.network.heal();
    await grid.until(() => late.machine.applied.length === 100);
    expect(late.machine.applied).toEqual(numbers(0, 100));
    expect(store.completed.length).toBe(2);
    await grid.clock.advance(10_000);
    expect(codes(leader)).toEqual(['snapshot-damaged']);
    expect(late.errors).toEqual([]);
    await grid.propose(leader, 'after');
    await grid.until(() => late.machine.applied.length === 101);
  });

  it('is told of once where several wait for it', async () => {
    const { leader, store } = await behind();
    store.rot();
    const learners: TestMember[] = [];
    for (const id of ['d', 'e']) {
      learners.push(await grid.start(id, { bootstrap: false, learner: true, snapshotPolicy, limits }));
    }
    grid.network.heal();
    await grid.until(() => grid.members.every(({ machine }) => machine.applied.length === 100));
    for (const { machine } of learners) expect(machine.applied).toEqual(numbers(0, 100));
    expect(codes(leader)).toEqual(['snapshot-damaged']);
  });

  it('is given up for a newer one that is whole', async () => {
    const { leader, late, store } = await behind();
    grid.network.heal();
    await grid.until(() => leader.node.report().followers.some(({ state }) => state === 'snapshot'));
    store.rot();
    await grid.propose(leader, ...numbers(100, 150));
    await grid.settle(leader.node.takeSnapshot());
    await grid.until(() => late.machine.applied.length === 150);
    expect(late.machine.applied).toEqual(numbers(0, 150));
    expect(store.completed.length).toBe(2);
    expect(codes(leader)).toEqual(['snapshot-damaged']);
  });

  it('is cut anew at the pace of the sweep, no faster, where the disk spoils each, until it does not any more', async () => {
    const { leader, late, store } = await behind();
    store.rot();
    store.rotsAtOnce = true;
    grid.network.heal();
    await grid.clock.advance(10_000);
    expect(late.machine.applied).toEqual([]);
    expect(store.completed.length).toBeGreaterThan(5);
    expect(store.completed.length).toBeLessThanOrEqual(22);
    expect(codes(leader).length).toBeLessThanOrEqual(store.completed.length);
    store.rotsAtOnce = false;
    await grid.until(() => late.machine.applied.length === 100);
    expect(late.machine.applied).toEqual(numbers(0, 100));
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  MemorySnapshotStore,
  type SnapshotMeta,
  type SnapshotOrigin,
  type SnapshotWriter,
  type StoredSnapshot,
} from '../../src/index.js';
import { SlowLog } from '../support/slow-log.js';
import { ListMachine, TestGrid, type TestMember } from '../support/test-grid.js';
import type { VirtualClock } from '../support/virtual-clock.js';

const ids = ['a', 'b', 'c'];
const slowness = 800;
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(async () => {
  await grid.stop();
  await grid.clock.advance(slowness);
  expect(grid.clock.pending, 'timers left behind').toBe(0);
});

/** Takes its time to complete a snapshot. */
class SlowStore extends MemorySnapshotStore {
  /** How many are being written. */
  open = 0;
  /** The last entries of those that were completed. */
  readonly completed: number[] = [];
  latencyInMs = slowness;

  constructor(private readonly clock: VirtualClock) {
    super();
  }

  override create(meta: SnapshotMeta): SnapshotWriter {
    const writer = super.create(meta);
    const latency = this.latencyInMs;
    expect(++this.open, 'written at one time').toBe(1);
    return {
      append: (chunk) => writer.append(chunk),
      complete: async (): Promise<StoredSnapshot> => {
        await new Promise<void>((resolve) => this.clock.setTimer(resolve, latency));
        this.open--;
        this.completed.push(meta.position.index);
        return await writer.complete();
      },
      abort: (): Promise<void> => {
        this.open--;
        return writer.abort();
      },
    };
  }
}

/** Remembers in which order it was to be put into which state. */
class RecordingMachine extends ListMachine {
  readonly begun: number[] = [];

  override async restore(origin: SnapshotOrigin, data: AsyncIterable<Uint8Array>): Promise<void> {
    this.begun.push(origin.index);
    await super.restore(origin, data);
  }
}

const snapshotPolicy = { entries: 20, keepEntries: 0 };

/** A voter that the leader is about to send a snapshot: it had ten entries when the others went on without it. */
async function behind(): Promise<{
  leader: TestMember;
  late: TestMember;
  store: SlowStore;
  machine: RecordingMachine;
}> {
  const store = new SlowStore(grid.clock);
  const logStore = new SlowLog(grid.clock, grid.random, 2);
  const machine = new RecordingMachine();
  const late = await grid.start('c', { peers: ids, logStore, snapshotStore: store, stateMachine: machine });
  for (const id of ['a', 'b']) await grid.start(id, { peers: ids, snapshotPolicy });
  const leader = await led();
  await grid.propose(leader, ...numbers(0, 10));
  await grid.until(() => machine.applied.length === 10);
  return { leader, late, store, machine };
}

/** The leader, which is not the last of them. */
async function led(): Promise<TestMember> {
  const leader = await grid.leader();
  if (leader.node.id !== 'c') return leader;
  await grid.settle(leader.node.transferLeadership());
  return led();
}

/** The others go on without a member until it lacks what they have compacted. */
async function goOn(leader: TestMember, late: TestMember): Promise<void> {
  grid.network.partition([late.node.id]);
  await grid.propose(leader, ...numbers(10, 100));
  await grid.clock.advance(10);
  grid.network.heal();
}

describe('a snapshot that comes in', () => {
  it('is not restored any more by a member that was removed, which begins as another when it is done with it', async () => {
    const { leader, late, store, machine } = await behind();
    await goOn(leader, late);
    await grid.until(() => store.open > 0);
    const before = late.node.member;
    await grid.settle(leader.node.removeMember('c'));
    await grid.until(() => late.events.includes('rejoining'));
    await grid.until(() => late.node.joined && machine.applied.length === 100);
    expect(late.node.member).not.toBe(before);
    expect(machine.begun[0]).toBe(-1);
    expect(machine.begun.length).toBe(2);
    expect(late.errors).toEqual([]);
  });

  it('waits for one that is taken here, so that the latest is the one that is ahead', async () => {
    const { leader, late, store, machine } = await behind();
    const taken = late.node.takeSnapshot();
    await grid.until(() => store.open > 0);
    store.latencyInMs = 5;
    await goOn(leader, late);
    await grid.until(() => machine.applied.length === 100);
    await grid.settle(taken);
    expect(store.completed.length).toBe(2);
    expect((await store.latest())?.meta.position.index).toBe(store.completed[1]);
    expect(late.errors).toEqual([]);
  });
});

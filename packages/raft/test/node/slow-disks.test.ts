import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemorySnapshotStore, type RaftNodeOptions } from '../../src/index.js';
import { load } from '../support/load.js';
import { SlowLog } from '../support/slow-log.js';
import { TestGrid, type TestMember } from '../support/test-grid.js';

const ids = ['a', 'b', 'c'];
let grid: TestGrid;

beforeEach(() => {
  grid = new TestGrid();
});

afterEach(async () => {
  await grid.stop();
  await grid.clock.advance(2000); // frames and writes under way
  expect(grid.clock.pending, 'timers left behind').toBe(0);
});

function start(id: string, latencyInMs: number, options: Partial<RaftNodeOptions> = {}): Promise<TestMember> {
  const logStore = new SlowLog(grid.clock, grid.random, latencyInMs);
  return grid.start(id, { peers: ids, logStore, snapshotStore: new MemorySnapshotStore(), ...options });
}

describe('a newcomer whose disk is as slow as those of the voters', () => {
  for (const voters of [1, 3]) {
    it(`becomes a voter while each answer takes longer than an idle time: one of ${voters + 1}`, async () => {
      for (const id of ids.slice(0, voters)) await start(id, 600, { peers: ids.slice(0, voters) });
      const leader = await grid.leader();
      const end = load(grid.clock, leader.node, 20);
      const newcomer = await start('d', 600, { bootstrap: false });
      await grid.until(() => newcomer.node.joined, 10_000);
      expect(leader.node.term).toBe(1);
      end();
    });
  }

  it('becomes a voter while more entries are under way to each of them than a learner may lack', async () => {
    const limits = { maxPromotionLag: 10 };
    for (const id of ids) await start(id, 300, { limits });
    const end = load(grid.clock, (await grid.leader()).node, 10);
    const newcomer = await start('d', 300, { bootstrap: false, limits });
    await grid.until(() => newcomer.node.joined, 10_000);
    end();
  });
});

describe('a read of a grid whose disks are slow', () => {
  it('passes, however long the answers take', async () => {
    for (const id of ids) await start(id, 500);
    const end = load(grid.clock, (await grid.leader()).node, 20);
    await grid.clock.advance(2000);
    for (const { node } of grid.members) {
      for (let i = 0; i < 3; i++) {
        await grid.settle(node.barrier({ timeoutInMs: 2500 }));
        await grid.clock.advance(137);
      }
    }
    end();
  });
});

describe('a leader of a grid whose disks are slow', () => {
  for (const followerMaxIdleInMs of [1000, 4000]) {
    it(`is elected, and stays, where a sync takes half of an idle time of ${followerMaxIdleInMs} ms`, async () => {
      const times = { followerMaxIdleInMs, electionTimeoutInMs: 3 * followerMaxIdleInMs };
      for (const id of ids) await start(id, followerMaxIdleInMs / 2, times);
      const { node } = await grid.leader();
      const { term } = node;
      const end = load(grid.clock, node, followerMaxIdleInMs / 50);
      await grid.clock.advance(20 * followerMaxIdleInMs);
      expect([node.state, node.term]).toEqual(['leader', term]);
      end();
    });
  }
});

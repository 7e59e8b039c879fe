import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemorySnapshotStore, type RaftNodeOptions } from '../../src/index.js';
import { SlowLog } from '../support/slow-log.js';
import { TestGrid, type TestMember } from '../support/test-grid.js';

// Rule 7 of the architecture: removing the dead by itself leaves a majority of the largest set of voters since the grid began.
const founders = ['a', 'b', 'c'];
const removeDeadAfterInMs = 5000;
let grid: TestGrid;
let disks: Map<string, Required<Pick<RaftNodeOptions, 'logStore' | 'snapshotStore'>>>;

beforeEach(() => {
  grid = new TestGrid();
  disks = new Map();
});

afterEach(async () => {
  await grid.stop();
});

function onDisk(id: string, options: Partial<RaftNodeOptions> = {}): Promise<TestMember> {
  const disk = disks.get(id) ?? {
    logStore: new SlowLog(grid.clock, grid.random, 2),
    snapshotStore: new MemorySnapshotStore(),
  };
  disks.set(id, disk);
  return grid.settle(grid.start(id, { peers: founders, removeDeadAfterInMs, ...disk, ...options }));
}

/** Three begin, two join, and two are removed: five at the most, three at last. */
async function growAndShrink(start: (id: string) => Promise<TestMember>): Promise<void> {
  for (const id of founders) await start(id);
  await grid.leader();
  for (const id of ['d', 'e']) {
    const { node } = await start(id);
    await grid.until(() => node.joined);
  }
  for (const id of ['d', 'e']) {
    const gone = grid.members.find(({ node }) => node.id === id);
    if (!gone) throw new Error('nobody');
    await grid.kill(gone);
    await grid.settle((await grid.leader()).node.removeMember(id));
  }
  expect((await grid.leader()).node.configuration.voters.length).toBe(3);
}

async function votersLeftWithOneDead(): Promise<number> {
  const leader = await grid.leader();
  const victim = grid.members.find((member) => member !== leader);
  if (!victim) throw new Error('nobody');
  await grid.kill(victim);
  await grid.clock.advance(4 * removeDeadAfterInMs);
  return leader.node.configuration.voters.length;
}

describe('the largest set of voters that a grid had', () => {
  it('is known when all of them come back from their disks', async () => {
    await growAndShrink(onDisk);
    for (const member of [...grid.members]) await grid.kill(member);
    for (const id of founders) await onDisk(id);
    expect(await votersLeftWithOneDead()).toBe(3);
  });

  it('is known when the log is compacted behind a snapshot', async () => {
    const snapshotPolicy = { entries: 5, keepEntries: 0 };
    await growAndShrink((id) => onDisk(id, { snapshotPolicy }));
    for (let i = 0; i < 20; i++) await grid.propose(await grid.leader(), `${i}`);
    for (const member of [...grid.members]) await grid.kill(member);
    const back: TestMember[] = [];
    for (const id of founders) back.push(await onDisk(id));
    for (const { machine } of back) expect(machine.restores).toBe(1);
    expect(await votersLeftWithOneDead()).toBe(3);
  });

  it('is known to those who came later, and were sent a snapshot', async () => {
    const snapshotPolicy = { entries: 5, keepEntries: 0 };
    const inMemory = (id: string): Promise<TestMember> =>
      grid.start(id, { peers: founders, removeDeadAfterInMs, snapshotPolicy });
    await growAndShrink(inMemory);
    for (let i = 0; i < 20; i++) await grid.propose(await grid.leader(), `${i}`);
    for (const id of founders) {
      const before = grid.members.find(({ node }) => node.id === id);
      if (!before) throw new Error('nobody');
      await grid.kill(before);
      const { node, machine } = await inMemory(id);
      await grid.until(() => node.joined);
      expect(machine.restores).toBe(1);
    }
    expect(await votersLeftWithOneDead()).toBe(3);
  });

  it('keeps no dead learner in the grid, whose voters an operator made few', async () => {
    await growAndShrink(onDisk);
    const leader = await grid.leader();
    const [victim] = grid.members.filter((member) => member !== leader);
    if (!victim) throw new Error('nobody');
    await grid.kill(victim);
    await grid.settle(leader.node.removeMember(victim.node.id));
    const learner = await onDisk('l', { bootstrap: false, learner: true });
    await grid.until(() => leader.node.members.includes(learner.node.member));
    await grid.kill(learner);
    await grid.until(() => !leader.node.members.includes(learner.node.member));
    expect(leader.node.configuration.voters.length).toBe(2);
  });

  it('begins anew with a grid that goes on from a survivor', async () => {
    await growAndShrink(onDisk);
    const [survivor, ...others] = [...grid.members];
    for (const member of others) await grid.kill(member);
    await grid.until(() => survivor?.events.includes('quorum-lost') === true);
    await survivor?.node.recover();
    for (const id of ['f', 'g']) {
      const { node } = await grid.start(id, { bootstrap: false, removeDeadAfterInMs });
      await grid.until(() => node.joined);
    }
    expect(await votersLeftWithOneDead()).toBe(2);
  });
});

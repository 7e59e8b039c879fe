import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemorySnapshotStore, type RaftNodeOptions } from '../../src/index.js';
import { SlowLog } from '../support/slow-log.js';
import { TestGrid, type TestMember } from '../support/test-grid.js';

const ids = ['a', 'b', 'c'];
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

interface Disk {
  readonly logStore: SlowLog;
  readonly snapshotStore: MemorySnapshotStore;
}

let grid: TestGrid;
let disks: Map<string, Disk>;
beforeEach(() => {
  grid = new TestGrid();
  disks = new Map();
});
afterEach(async () => {
  await grid.stop();
  await grid.clock.advance(100);
  expect(grid.clock.pending, 'timers left behind').toBe(0);
});

async function start(id: string, options: Partial<RaftNodeOptions> = {}): Promise<TestMember> {
  const disk = disks.get(id) ?? emptyDisk();
  disks.set(id, disk);
  return await grid.settle(grid.start(id, { peers: ids, ...disk, ...options }));
}

function emptyDisk(): Disk {
  return { logStore: new SlowLog(grid.clock, grid.random, 2), snapshotStore: new MemorySnapshotStore() };
}

/** What a disk holds now, apart. */
async function backupOf(id: string): Promise<Disk> {
  const copy = emptyDisk();
  const log = await disks.get(id)?.logStore.durable.open();
  const snapshot = await disks.get(id)?.snapshotStore.latest();
  if (log) await copy.logStore.durable.begin(log);
  if (snapshot) {
    const writer = copy.snapshotStore.create(snapshot.meta);
    await writer.append(await snapshot.read(0, snapshot.size));
    await writer.complete();
  }
  return copy;
}

async function kill(member: TestMember): Promise<void> {
  disks.get(member.node.id)?.logStore.crash();
  await grid.kill(member);
}

/** The leader, and a follower that comes back with what its disk held some time ago. */
async function putBack(options: Partial<RaftNodeOptions>, since: number) {
  for (const id of ids) await start(id, options);
  const leader = await grid.leader();
  const follower = grid.members.find((member) => member !== leader);
  if (!follower) throw new Error('nobody');
  const { id, member: before } = follower.node;
  await grid.propose(leader, ...numbers(0, 20));
  await grid.until(() => follower.machine.applied.length === 20);
  await grid.clock.advance(10);
  const backup = await backupOf(id);
  await grid.propose(leader, ...numbers(20, 20 + since));
  await grid.until(() => follower.machine.applied.length === 20 + since);
  await kill(follower);
  disks.set(id, backup);
  const back = await start(id, options);
  expect(back.node.member).toBe(before);
  return { leader, back, before };
}

describe('a member whose disk was put back to an earlier time', () => {
  for (const [what, snapshotPolicy, since] of [
    ['the log still has what it lacks', {}, 1],
    ['the log is compacted past what it lacks', { entries: 10, keepEntries: 5 }, 100],
  ] as const) {
    it(`comes back as another, and the leader says why, where ${what}`, async () => {
      const { leader, back, before } = await putBack({ snapshotPolicy }, since);
      await grid.until(() => back.node.member !== before && back.node.joined);
      expect(back.events).toContain('rejoining');
      await grid.until(() => back.machine.applied.length === 20 + since);
      expect(back.machine.applied).toEqual(numbers(0, 20 + since));
      expect(leader.node.members).not.toContain(before);
      expect(leader.node.state).toBe('leader');
      expect(leader.errors).toMatchObject([{ code: 'forgetful-member', member: before }]);
      expect(back.errors).toEqual([]);
      await grid.propose(back, 'after');
    });
  }

  it('is nothing to rely on: one of two others must be there for it to come back', async () => {
    const { leader, back, before } = await putBack({}, 10);
    const other = grid.members.find((member) => member !== leader && member !== back);
    if (!other) throw new Error('nobody');
    await kill(other);
    await grid.until(() => leader.events.includes('quorum-lost'));
    expect(back.node.member).not.toBe(before);
    await start(other.node.id);
    await grid.until(() => back.node.joined && back.machine.applied.length === 30);
    expect(back.machine.applied).toEqual(numbers(0, 30));
  });
});

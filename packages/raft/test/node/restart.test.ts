import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemorySnapshotStore, type RaftNodeOptions } from '../../src/index.js';
import { SlowLog } from '../support/slow-log.js';
import { TestGrid, type TestMember } from '../support/test-grid.js';

const ids = ['a', 'b', 'c'];
let grid: TestGrid;
let disks: Map<string, { logStore: SlowLog; snapshotStore: MemorySnapshotStore }>;

beforeEach(() => {
  grid = new TestGrid();
  disks = new Map();
});

afterEach(async () => {
  await grid.stop();
  await grid.clock.advance(100); // frames and writes under way
  expect(grid.clock.pending, 'timers left behind').toBe(0);
});

function diskOf(id: string): { logStore: SlowLog; snapshotStore: MemorySnapshotStore } {
  const disk = disks.get(id) ?? {
    logStore: new SlowLog(grid.clock, grid.random, 2),
    snapshotStore: new MemorySnapshotStore(),
  };
  disks.set(id, disk);
  return disk;
}

function start(id: string, options: Partial<RaftNodeOptions> = {}): Promise<TestMember> {
  return grid.settle(grid.start(id, { peers: ids, ...diskOf(id), ...options }));
}

async function startAll(order = ids, options: Partial<RaftNodeOptions> = {}): Promise<TestMember[]> {
  const members: TestMember[] = [];
  for (const id of order) members.push(await start(id, options));
  return members;
}

/** The process dies, and its machine loses power. */
async function crash(...members: TestMember[]): Promise<void> {
  for (const member of members) {
    diskOf(member.node.id).logStore.crash();
    await grid.kill(member);
  }
}

const identities = (members: readonly TestMember[]): string[] => members.map(({ node }) => node.member).sort();
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

describe('a grid on disks', () => {
  it('comes back whole, in every order, with everything that was acknowledged', async () => {
    const orders = [
      ['a', 'b', 'c'],
      ['a', 'c', 'b'],
      ['b', 'a', 'c'],
      ['b', 'c', 'a'],
      ['c', 'a', 'b'],
      ['c', 'b', 'a'],
    ];
    let members = await startAll();
    await grid.leader();
    const before = identities(members);
    let count = 0;
    for (const order of orders) {
      await grid.propose(await grid.leader(), ...numbers(count, count + 10));
      count += 10;
      await crash(...grid.members);
      members = await startAll(order);
      const leader = await grid.leader();
      await grid.settle(leader.node.barrier());
      expect(identities(members)).toEqual(before);
      expect(leader.machine.applied).toEqual(numbers(0, count));
    }
    expect(members.flatMap(({ errors }) => errors)).toEqual([]);
  });

  it('takes up the latest snapshot, and the log from there', async () => {
    const snapshotPolicy = { entries: 20, keepEntries: 5 };
    await startAll(ids, { snapshotPolicy });
    for (let i = 0; i < 100; i += 10) await grid.propose(await grid.leader(), ...numbers(i, i + 10));
    await crash(...grid.members);
    const members = await startAll(ids, { snapshotPolicy });
    for (const { machine } of members) expect(machine.restores).toBe(1);
    const leader = await grid.leader();
    await grid.settle(Promise.all(members.map(({ node }) => node.barrier())));
    for (const { machine } of members) expect(machine.applied).toEqual(numbers(0, 100));
    expect(leader.node.report().log.firstIndex).toBeGreaterThan(50);
  });

  it('lets a member come back as the voter that it was, while the others go on', async () => {
    const members = await startAll();
    const leader = await grid.leader();
    const other = members.find((member) => member !== leader);
    if (!other) throw new Error('nobody');
    await crash(other);
    await grid.propose(leader, '1', '2');
    const { configuration } = leader.node;
    const back = await start(other.node.id);
    expect(back.node.member).toBe(other.node.member);
    await grid.until(() => back.node.joined && back.machine.applied.length === 2);
    expect(leader.node.configuration).toEqual(configuration);
  });

  it('does not take a stop for a leave', async () => {
    const members = await startAll();
    const leader = await grid.leader();
    const other = members.find((member) => member !== leader);
    if (!other) throw new Error('nobody');
    await grid.settle(other.node.stop());
    grid.members.splice(grid.members.indexOf(other), 1);
    await grid.propose(leader, '1');
    expect(leader.node.configuration.voters).toContain(other.node.member);
    expect((await start(other.node.id)).node.member).toBe(other.node.member);
  });

  it('takes a member that left for another when it comes back', async () => {
    const members = await startAll();
    const leader = await grid.leader();
    const other = members.find((member) => member !== leader);
    if (!other) throw new Error('nobody');
    await grid.settle(other.node.stop({ leave: true }));
    grid.members.splice(grid.members.indexOf(other), 1);
    await grid.clock.advance(1);
    const back = await start(other.node.id);
    expect(back.node.member).not.toBe(other.node.member);
    await grid.until(() => back.node.joined);
  });

  it('takes a member whose disk was emptied for another', async () => {
    const members = await startAll();
    const leader = await grid.leader();
    await grid.propose(leader, '1', '2');
    const other = members.find((member) => member !== leader);
    if (!other) throw new Error('nobody');
    await crash(other);
    disks.delete(other.node.id);
    const back = await start(other.node.id);
    expect(back.node.member).not.toBe(other.node.member);
    await grid.until(() => back.node.joined);
    expect(back.machine.applied).toEqual(['1', '2']);
    expect(leader.node.members).not.toContain(other.node.member);
  });

  it('gives a member that may have forgotten something a new incarnation, and its log as a head start', async () => {
    const snapshotPolicy = { entries: 20, keepEntries: 0 };
    const members = await startAll(ids, { snapshotPolicy });
    const leader = await grid.leader();
    await grid.propose(leader, ...numbers(0, 50));
    const other = members.find((member) => member !== leader);
    if (!other) throw new Error('nobody');
    await grid.settle(other.node.barrier());
    await crash(other);
    diskOf(other.node.id).logStore.complete = false;
    const back = await start(other.node.id, { snapshotPolicy });
    expect(back.node.member).not.toBe(other.node.member);
    await grid.until(() => back.node.joined);
    expect(back.node.report().counters.snapshotsInstalled).toBe(0);
    expect(back.machine.applied).toEqual(numbers(0, 50));
    expect(leader.node.members).not.toContain(other.node.member);
    await grid.propose(back, 'after');
  });

  it('takes up a snapshot of its grid that is ahead of its log, left by the incarnation before', async () => {
    const limits = { maxEntriesPerMessage: 5, maxInflightMessages: 1 };
    const members = await startAll(ids, { limits });
    const leader = await grid.leader();
    await grid.propose(leader, ...numbers(0, 100));
    const other = members.find((member) => member !== leader);
    if (!other) throw new Error('nobody');
    await grid.settle(other.node.barrier());
    await grid.settle(other.node.takeSnapshot());
    await grid.settle(leader.node.removeMember(other.node.id));
    await grid.until(() => other.events.includes('rejoining'));
    await grid.until(() => other.node.report().log.lastIndex > 20);
    const { member } = other.node;
    await crash(other);
    const back = await grid.settle(start(other.node.id, { limits }));
    expect(back.node.member).toBe(member);
    expect(back.machine.applied).toEqual(numbers(0, 100));
    await grid.propose(leader, 'after');
    await grid.until(() => back.node.joined && back.machine.applied.includes('after'));
    expect(back.machine.applied).toEqual([...numbers(0, 100), 'after']);
    expect(back.errors).toEqual([]);
  });

  it('begins again with the latest log where all may have forgotten something, and loses only what no disk has', async () => {
    for (const snapshotPolicy of [{}, { entries: 20, keepEntries: 3 }]) {
      await startAll(ids, { snapshotPolicy });
      const leader = await grid.leader();
      await grid.propose(leader, ...numbers(0, 50));
      const { gridId } = leader.node;
      await grid.clock.advance(100);
      await grid.propose(leader, 'last');
      await crash(...grid.members);
      for (const id of ids) diskOf(id).logStore.complete = false;
      const members = await startAll(ids, { snapshotPolicy });
      const next = await grid.leader();
      await grid.until(() => members.every(({ node }) => node.joined));
      await grid.settle(Promise.all(members.map(({ node }) => node.barrier())));
      for (const { machine, errors } of members) {
        expect(machine.applied).toEqual([...numbers(0, 50), 'last']);
        expect(errors).toEqual([]);
      }
      const begun = next.node.gridId;
      expect(begun).not.toBe(gridId);
      await grid.propose(next, 'after');
      await crash(...grid.members);
      await startAll(ids, { snapshotPolicy });
      const leaderAgain = await grid.leader();
      await grid.settle(leaderAgain.node.barrier());
      expect(leaderAgain.machine.applied).toEqual([...numbers(0, 50), 'last', 'after']);
      expect(leaderAgain.node.gridId).toBe(begun);
      await grid.stop();
      disks.clear();
      grid = new TestGrid();
    }
  });

  it('goes on as the new grid that a survivor founded', async () => {
    const [a] = await startAll();
    if (!a) throw new Error('nobody');
    await grid.propose(await grid.leader(), '1', '2');
    await grid.until(() => a.machine.applied.length === 2);
    await crash(...grid.members.filter((member) => member !== a));
    await grid.until(() => a.events.includes('quorum-lost'));
    const { gridId } = a.node;
    a.node.recover();
    await grid.until(() => a.node.state === 'leader');
    await grid.propose(a, '3');
    const recovered = a.node.gridId;
    expect(recovered).not.toBe(gridId);
    await crash(a);
    const back = await start('a');
    await grid.until(() => back.node.state === 'leader');
    await grid.settle(back.node.barrier());
    expect(back.node.gridId).toBe(recovered);
    expect(back.machine.applied).toEqual(['1', '2', '3']);
  });
});

describe('a log store', () => {
  it('of another member is refused', async () => {
    await startAll();
    await grid.leader();
    const [a] = grid.members;
    if (!a) throw new Error('nobody');
    await crash(a);
    await expect(grid.start('x', { peers: ids, ...diskOf('a') })).rejects.toMatchObject({ code: 'stored-state' });
  });

  it('is refused without the snapshot that it begins behind', async () => {
    await startAll(ids, { snapshotPolicy: { entries: 20, keepEntries: 0 } });
    await grid.propose(await grid.leader(), ...numbers(0, 50));
    const [a] = grid.members;
    if (!a) throw new Error('nobody');
    await grid.settle(a.node.barrier());
    await grid.clock.advance(10);
    await crash(a);
    const snapshotStore = new MemorySnapshotStore();
    await expect(start('a', { snapshotStore })).rejects.toMatchObject({ code: 'stored-state' });
  });

  it('needs a snapshot store beside it', async () => {
    const { logStore } = diskOf('a');
    await expect(grid.start('a', { peers: ids, logStore })).rejects.toMatchObject({
      code: 'configuration',
      field: 'snapshotStore',
    });
  });

  it('that fails stops its member, which acknowledges nothing any more', async () => {
    const members = await startAll();
    const leader = await grid.leader();
    const other = members.find((member) => member !== leader);
    if (!other) throw new Error('nobody');
    diskOf(other.node.id).logStore.failure = new Error('no space left on device');
    diskOf(leader.node.id).logStore.failure = new Error('input/output error');
    const proposal = other.node.propose(new Uint8Array(1), { timeoutInMs: 60_000 });
    await expect(grid.settle(proposal)).rejects.toMatchObject({ code: 'indeterminate' });
    await grid.clock.advance(10);
    expect(other.errors.map(({ message }) => message)).toEqual(['no space left on device']);
    expect(leader.errors.map(({ message }) => message)).toEqual(['input/output error']);
    for (const { machine } of members) expect(machine.applied).toEqual([]);
  });

  for (const when of ['behind a snapshot that was taken', 'behind one that came from the leader']) {
    it(`that throws when it is to forget its log ${when} stops its member`, async () => {
      const members = await startAll(ids, { snapshotPolicy: { entries: 0, keepEntries: 0 } });
      const leader = await grid.leader();
      const other = members.find((member) => member !== leader);
      if (!other) throw new Error('nobody');
      const comes = when.includes('leader');
      if (comes) grid.network.partition([other.node.id]);
      await grid.propose(leader, '0', '1');
      await grid.clock.advance(100);
      diskOf(other.node.id).logStore.compact = () => {
        throw new Error('input/output error');
      };
      await grid.settle((comes ? leader : other).node.takeSnapshot());
      grid.network.heal();
      await grid.until(() => other.node.failure !== undefined, 10_000);
      expect(other.errors.map(({ message }) => message)).toEqual(['input/output error']);
    });
  }

  it('that fails in the background stops its member at once, and only once', async () => {
    const members = await startAll();
    const leader = await grid.leader();
    const waits = leader.node.propose(new Uint8Array(1));
    await grid.clock.advance(1);
    diskOf(leader.node.id).logStore.fail(new Error('input/output error'));
    expect(leader.errors.map(({ message }) => message)).toEqual(['input/output error']);
    expect(leader.node.state).toBe('follower');
    await expect(waits).rejects.toMatchObject({ code: 'indeterminate' });
    const refused = { code: 'member-failed', cause: { message: 'input/output error' } };
    await expect(leader.node.propose(new Uint8Array(1))).rejects.toMatchObject(refused);
    await grid.leader(members.filter((member) => member !== leader));
    expect(leader.errors.length).toBe(1);
  });

  it('that fails in the background before there is a grid is told of, too', async () => {
    const member = await start('a');
    diskOf('a').logStore.fail(new Error('input/output error'));
    expect(member.errors.map(({ message }) => message)).toEqual(['input/output error']);
  });
});

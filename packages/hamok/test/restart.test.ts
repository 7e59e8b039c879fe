import { MemoryLog, MemorySnapshotStore } from '@hamok/raft';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock, Hamok, HamokConfig } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

const peers = ['a', 'b', 'c'];
let grid: TestGrid;
let disks: Map<string, Pick<HamokConfig, 'raftLogs' | 'snapshots'>>;

beforeEach(() => {
  grid = new TestGrid();
  disks = new Map();
});

afterEach(() => grid.close());

/** A member with a disk of its own, which stays when it dies. */
function member(peerId: string, config: Partial<HamokConfig> = {}): Hamok {
  const disk = disks.get(peerId) ?? { raftLogs: new MemoryLog(), snapshots: { store: new MemorySnapshotStore() } };
  disks.set(peerId, disk);
  return grid.member(peerId, { peers, ...disk, ...config });
}

async function joined(config: Partial<HamokConfig> = {}): Promise<Hamok[]> {
  const members = peers.map((peerId) => member(peerId, config));
  await Promise.all(members.map((each) => each.join()));
  return members;
}

async function killAll(): Promise<void> {
  for (const each of [...grid.members]) await grid.kill(each);
}

/** Says of everything that it was not told of in this run that some of it may be missing. */
class UncertainLog extends MemoryLog {
  override async open() {
    const stored = await super.open();
    return stored && { ...stored, complete: false };
  }
}

function first(members: readonly Hamok[]): Hamok {
  const [found] = members;
  if (found === undefined) throw new Error('nobody');
  return found;
}

describe('members with raftLogs', () => {
  it('come back with what the grid held, also when all of them were gone', async () => {
    for (const snapshots of [{}, { entries: 5, keepEntries: 2 }]) {
      grid = new TestGrid();
      disks = new Map(
        peers.map((id) => [
          id,
          { raftLogs: new MemoryLog(), snapshots: { store: new MemorySnapshotStore(), ...snapshots } },
        ]),
      );
      const before = (await joined()).map((each) => each.createMap<string, number>({ mapId: 'm' }));
      for (let i = 0; i < 30; i++) await before[i % 3]?.set(`key ${i % 7}`, i);
      const held = [...(before[0]?.entries() ?? [])].sort();
      await killAll();
      const members = await joined();
      await grid.settled();
      const maps = members.map((each) => each.createMap<string, number>({ mapId: 'm' }));
      for (const map of maps) expect([...map.entries()].sort()).toEqual(held);
      for (const [i, map] of maps.entries()) expect(await map.set(`by ${i}`, 1)).toBeUndefined();
      expect(grid.errors).toEqual([]);
      await grid.close();
    }
  });

  it('answer each call by its own outcome, whatever calls of the process before are still in the log', async () => {
    const before = first(await joined()).createMap<string, string>({ mapId: 'm' });
    for (let i = 0; i < 20; i++) await before.set('key', `old ${i}`);
    await killAll();
    const members = peers.map((peerId) => member(peerId));
    for (const each of members) await each.start();
    // Made before any of the log was applied again.
    const map = first(members).createMap<string, string>({ mapId: 'm' });
    const calls = [map.set('key', 'new 1'), map.set('key', 'new 2'), map.insert('other', 'x')];
    expect(await Promise.all(calls)).toEqual(['old 19', 'new 1', undefined]);
    expect(map.get('key')).toBe('new 2');
  });

  it('answer each call by its own outcome, though the clock has gone back each time they start', async () => {
    const members = await joined();
    const one = other(members, await grid.leader());
    await one.createMap<string, string>({ mapId: 'm' }).set('key', 'by none');
    await grid.kill(one);
    const { time } = grid;
    const clock: Clock = {
      now: () => time.now(),
      wallTime: () => 1,
      setTimer: (callback, delayInMs) => time.setTimer(callback, delayInMs),
      defer: (callback) => time.defer(callback),
    };
    const runs: (string | undefined)[] = [];
    let before = 'by none';
    for (const value of ['by the first', 'by the second', 'by the third']) {
      const back = member(one.localPeerId, { clock });
      await back.join();
      runs.push(back.raft?.run);
      const map = back.createMap<string, string>({ mapId: 'm' });
      expect(await map.set('key', value)).toBe(before);
      before = value;
      await grid.kill(back);
    }
    expect(new Set(runs).size).toBe(3);
  });

  it('give up what belonged to the process: its waits, and what it held', async () => {
    const members = await joined({ requestTimeoutInMs: 60_000 });
    const leader = await grid.leader();
    const gone = other(members, leader);
    const options = { queueId: 'q', visibilityTimeoutInMs: 3_600_000 };
    const queue = leader.createQueue<string>(options);
    await queue.push('held');
    await gone.createQueue<string>(options).take();
    const waiting = gone
      .createQueue<string>({ queueId: 'w' })
      .pop({ wait: true, timeoutInMs: 3_600_000 })
      .catch(() => 'ended');
    await grid.settled();
    await grid.kill(gone);
    expect(await waiting).toBe('ended');
    const back = member(gone.localPeerId);
    await back.join();
    await grid.settled();
    expect(await queue.pop({ wait: true })).toBe('held');
    const other2 = leader.createQueue<string>({ queueId: 'w' });
    await other2.push('for whoever lives');
    expect(await other2.pop()).toBe('for whoever lives');
    expect(leader.raft?.members).toContain(gone.raft?.member ?? back.raft?.member);
  });

  it('may be stopped and started, and stay the same member', async () => {
    const members = await joined();
    const leader = await grid.leader();
    const one = other(members, leader);
    const map = one.createMap<string, number>({ mapId: 'm' });
    await map.set('a', 1);
    const identity = one.raft?.member;
    await one.stop();
    expect(leader.raft?.members).toContain(identity);
    await leader.createMap<string, number>({ mapId: 'm' }).set('b', 2);
    await one.start();
    await one.ready;
    expect(one.raft?.member).toBe(identity);
    expect([...map.entries()].sort()).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(await map.set('a', 3)).toBe(1);
  });

  it('restart one after another without being waited for to join, as long as a majority runs', async () => {
    const members = await joined();
    const map = first(members).createMap<string, number>({ mapId: 'm' });
    await map.set('x', 1);
    for (const peerId of peers) {
      const old = grid.members.find(({ localPeerId }) => localPeerId === peerId);
      if (old) await grid.kill(old);
      const back = member(peerId);
      await back.join();
      await back.createMap<string, number>({ mapId: 'm' }).set(peerId, 1);
    }
    await grid.settled();
    for (const each of grid.members) expect(each.getOrCreateMap<string, number>({ mapId: 'm' }).size).toBe(4);
  });

  it('begin again with what their disks have where none of them can vouch for its own', async () => {
    for (const policy of [{}, { entries: 5, keepEntries: 2 }]) {
      grid = new TestGrid();
      disks = new Map(
        peers.map((id) => [
          id,
          { raftLogs: new UncertainLog(), snapshots: { store: new MemorySnapshotStore(), ...policy } },
        ]),
      );
      const before = (await joined()).map((each) => each.createMap<string, number>({ mapId: 'm' }));
      for (let i = 0; i < 20; i++) await before[i % 3]?.set(`key ${i % 7}`, i);
      await grid.settled();
      const held = [...(before[0]?.entries() ?? [])].sort();
      await killAll();
      const members = await joined();
      await grid.settled();
      for (const each of members) {
        const map = each.createMap<string, number>({ mapId: 'm' });
        expect([...map.entries()].sort()).toEqual(held);
        await map.set('key 0', 14);
      }
      expect(grid.errors).toEqual([]);
      await grid.close();
    }
  });

  it('end by an error where the disk fails, and hold up nothing else in the process', async () => {
    class FailingLog extends MemoryLog {
      override append(): never {
        return Promise.reject(new Error('EIO')) as never;
      }
    }
    const alone = grid.member('a', {
      peers: ['a'],
      raftLogs: new FailingLog(),
      snapshots: { store: new MemorySnapshotStore() },
    });
    await expect(alone.join({ maxRetry: -1 })).rejects.toMatchObject({
      code: 'member-failed',
      cause: { message: 'EIO' },
    });
    expect(grid.errors.map(({ message }) => message)).toEqual(['EIO']);
  });

  it('are refused without a place for snapshots', () => {
    expect(() => grid.member('a', { raftLogs: new MemoryLog() })).toThrow(
      expect.objectContaining({ field: 'snapshots.store' }),
    );
  });
});

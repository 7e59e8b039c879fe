import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hamok } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

const ids = ['a', 'b', 'c'];
const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

let grid: TestGrid;

beforeEach(() => {
  grid = new TestGrid({ faults: { minDelayInMs: 1, maxDelayInMs: 3 } });
});

afterEach(() => grid.close());

const gridIds = (members: readonly Hamok[]) => new Set(members.map(({ raft }) => raft?.gridId));

describe.each(orders)('members that start in the order %i %i %i', (...order) => {
  it.each([0, 40, 700, 3000])('%i ms after each other make one grid', async (delayInMs) => {
    const members = grid.list(ids);
    const joins: Promise<void>[] = [];
    for (const position of order) {
      const member = members[position];
      if (member !== undefined) joins.push(member.join({ maxRetry: -1 }));
      await grid.time.pass(delayInMs);
    }
    await Promise.all(joins);
    expect(gridIds(members).size).toBe(1);
    expect(members.filter(({ leader }) => leader)).toEqual([await grid.leader()]);
    expect(grid.errors).toEqual([]);
  });

  it.each([
    ['a number', { expectedPeers: 3 }],
    ['neither', {}],
  ])('make one grid with %s to begin with', async (_, config) => {
    const members = ids.map((id) => grid.member(id, config));
    const joins: Promise<void>[] = [];
    for (const position of order) {
      const member = members[position];
      if (member !== undefined) joins.push(member.join());
      await grid.time.pass(500);
    }
    await Promise.all(joins);
    expect(gridIds(members).size).toBe(1);
    expect(grid.errors).toEqual([]);
  });
});

it('members that are named one by one, some after the start, make one grid', async () => {
  const [a, b, c] = ids.map((id) => grid.member(id));
  a?.addRemotePeerId('b');
  b?.addRemotePeerId('a');
  b?.addRemotePeerId('c');
  c?.addRemotePeerId('b');
  const joins = grid.members.map((member) => member.join());
  await grid.time.pass(500);
  a?.addRemotePeerId('c');
  c?.addRemotePeerId('a');
  await Promise.all(joins);
  expect(gridIds(grid.members).size).toBe(1);
});

describe('a grid', () => {
  it('takes in one more member', async () => {
    const members = await grid.joined(ids);
    await members[0]?.createMap<string, number>({ mapId: 'm' }).set('k', 1);
    const late = grid.member('d');
    await late.join();
    expect(late.createMap<string, number>({ mapId: 'm' }).get('k')).toBe(1);
    expect([...late.remotePeerIds].sort()).toEqual(ids);
  });

  it('has one more member only when that has applied what was committed before', async () => {
    const members = await grid.joined(ids);
    const leader = await grid.leader();
    const map = leader.createMap<string, number>({ mapId: 'm' });
    grid.network.setFaults({ minDelayInMs: 300 }, { to: 'd' });
    const late = grid.member('d');
    let [acknowledged, asVoter, writing] = [0, 0, true];
    const written = (async () => {
      for (let i = 1; writing; i++) {
        await map.set('k', i);
        acknowledged = i;
      }
    })();
    await late.start();
    late.raft?.on('joined', () => {
      asVoter = acknowledged;
    });
    await late.join();
    const seen = late.createMap<string, number>({ mapId: 'm' }).get('k');
    writing = false;
    await written;
    expect(members).toHaveLength(3);
    expect(asVoter).toBeGreaterThan(0);
    expect(seen).toBeGreaterThanOrEqual(asVoter);
  });

  it('takes a member back that was killed, empty, under the same id', async () => {
    const members = await grid.joined(ids);
    const leader = await grid.leader();
    const map = other(members, leader).createMap<string, number>({ mapId: 'm' });
    for (let i = 0; i < 100; i++) await map.set(`k${i}`, i);
    await grid.kill(leader);
    await grid.leader();
    await map.set('after', 1);
    const back = grid.member(leader.localPeerId, { peers: ids });
    const shown = back.createMap<string, number>({ mapId: 'm' });
    await back.join();
    expect(shown.size).toBe(101);
    expect([...shown]).toEqual([...map]);
    expect(await shown.set('after', 2)).toBe(1);
    expect(grid.errors).toEqual([]);
  });

  it('catches one up that comes back to far more than the log holds', async () => {
    const snapshots = { entries: 50, keepEntries: 10 };
    const members = await grid.joined(ids, { snapshots });
    const leader = await grid.leader();
    const gone = other(members, leader);
    await grid.kill(gone);
    const map = leader.createMap<number, string>({ mapId: 'm' });
    await Promise.all(Array.from({ length: 1000 }, (_, i) => map.set(i, 'x'.repeat(100))));
    const back = grid.member(gone.localPeerId, { peers: ids, snapshots });
    await back.join();
    expect(back.raft?.report().counters.snapshotsInstalled).toBeGreaterThan(0);
    expect([...back.createMap<number, string>({ mapId: 'm' })]).toEqual([...map]);
  });

  it('survives a rolling restart of all its members without a loss', async () => {
    let members = await grid.joined(ids);
    await members[0]?.createMap<string, number>({ mapId: 'm' }).set('k', 1);
    for (const id of ids) {
      const old = members.find(({ localPeerId }) => localPeerId === id);
      if (old !== undefined) await grid.kill(old);
      const fresh = grid.member(id, { peers: ids });
      await fresh.join();
      members = grid.members;
    }
    const sizes = members.map((member) => member.createMap<string, number>({ mapId: 'm' }).get('k'));
    expect(sizes).toEqual([1, 1, 1]);
  });

  it('is not seen by members of one with another name', async () => {
    const blue = ids.map((id) => grid.member(id, { gridName: 'blue', peers: ids }));
    const green = ids.map((id) => grid.member(id, { gridName: 'green', peers: ids }));
    await Promise.all([...blue, ...green].map((member) => member.join()));
    expect([gridIds(blue).size, gridIds(green).size, gridIds([...blue, ...green]).size]).toEqual([1, 1, 2]);
    await blue[0]?.createMap({ mapId: 'm' }).set('k', 1);
    await grid.settled();
    expect(green.map((member) => member.createMap({ mapId: 'm' }).size)).toEqual([0, 0, 0]);
    expect(grid.errors).toEqual([]);
  });

  it('refuses a second live process with the id of a member', async () => {
    const members = await grid.joined(ids);
    const second = grid.member('b', { peers: ids });
    await expect(second.join()).rejects.toMatchObject({ code: 'duplicate-member' });
    const first = members[1];
    if (first === undefined) throw new Error('no member');
    await grid.kill(first);
    await second.join();
  });

  it('knows one kind for an id', async () => {
    const [a] = await grid.joined(['a']);
    a?.createMap({ mapId: 'm' });
    expect(() => a?.createMap({ mapId: 'm' })).toThrow(expect.objectContaining({ code: 'storage-exists' }));
    expect([...(a?.storages.keys() ?? [])]).toEqual(['m']);
  });

  it('refuses a value of 100 MiB before anything is sent', async () => {
    const [a] = await grid.joined(['a', 'b']);
    const map = a?.createMap<string, string>({ mapId: 'm' });
    await map?.ready;
    const before = a?.raft?.report();
    await expect(map?.set('k', 'x'.repeat(100 * 1024 * 1024))).rejects.toMatchObject({ code: 'too-large' });
    expect(a?.raft?.report().log.lastIndex).toBe(before?.log.lastIndex);
    expect(await map?.set('k', 'fits')).toBeUndefined();
  });
});

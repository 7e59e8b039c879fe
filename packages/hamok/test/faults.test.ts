import type { HamokMap } from '@hamok/collections';
import { afterEach, describe, expect, it } from 'vitest';
import type { Hamok } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

const ids = ['a', 'b', 'c'];
const patient = { timeoutInMs: 600_000 };

let grid: TestGrid;

afterEach(() => grid.close());

const mapOf = (member: Hamok) => member.getOrCreateMap<string, number>({ mapId: 'm' });

/** Writes one key again and again: were a set applied twice, or lost, the previous values would not be those before. */
async function writeChain(map: HamokMap<string, number>, key: string, from: number, count: number): Promise<void> {
  const previous = await Promise.all(Array.from({ length: count }, (_, i) => map.set(key, from + i, patient)));
  expect(previous).toEqual(Array.from({ length: count }, (_, i) => (from + i === 0 ? undefined : from + i - 1)));
}

/** For some seconds, in bursts. */
async function keepWriting(map: HamokMap<string, number>, key: string): Promise<void> {
  for (let burst = 0; burst < 12; burst++) {
    await writeChain(map, key, burst * 10, 10);
    await grid.time.pass(grid.random() * 1500);
  }
}

describe.each([1, 2, 3, 4, 5, 6])('under loss, delay, duplication and partitions (seed %i)', (seed) => {
  it('every call is applied once, in order, and all members hold the same', async () => {
    const faults = { loss: 0.05, duplication: 0.05, minDelayInMs: 0, maxDelayInMs: 20 };
    grid = new TestGrid({ seed, faults });
    const members = await grid.joined(ids, { requestTimeoutInMs: 60_000 });
    const inserted = new Map<string, number>();
    mapOf(members[0] ?? fail()).on('insert', (key) => inserted.set(key, (inserted.get(key) ?? 0) + 1));
    const writing = Promise.all(
      members.flatMap((member) => [0, 1, 2].map((i) => keepWriting(mapOf(member), `${member.localPeerId}${i}`))),
    );
    for (let round = 0; round < 6; round++) {
      await grid.time.pass(grid.random() * 400);
      const id = ids[Math.floor(grid.random() * ids.length)] ?? 'a';
      grid.network.partition([id], undefined, { oneWay: grid.random() < 0.3 });
      await grid.time.pass(grid.random() * 4000);
      grid.network.heal();
    }
    await writing;
    grid.network.setFaults({});
    await grid.settled();
    const [first, ...rest] = members.map((member) => [...mapOf(member)]);
    expect(first).toHaveLength(9);
    for (const content of rest) expect(content).toEqual(first);
    expect([...inserted.values()]).toEqual(Array.from({ length: 9 }, () => 1));
  });
});

describe('a leader that is cut off with calls in flight', () => {
  it.each(['leader', 'follower'] as const)('applies those of the %s once', async (caller) => {
    grid = new TestGrid({ faults: { minDelayInMs: 1, maxDelayInMs: 5 } });
    const members = await grid.joined(ids);
    const leader = await grid.leader();
    const writer = caller === 'leader' ? leader : other(members, leader);
    const map = mapOf(writer);
    await map.ready;
    const writing = writeChain(map, 'k', 0, 200);
    await grid.time.pass(2);
    grid.network.partition([leader.localPeerId]);
    const rest = members.filter((member) => member !== leader);
    const next = await grid.leader(rest);
    expect(next).not.toBe(leader);
    await mapOf(next).set('meanwhile', 1);
    grid.network.heal();
    await writing;
    await grid.settled();
    expect(members.map((member) => mapOf(member).get('k'))).toEqual([199, 199, 199]);
    expect(members.map((member) => mapOf(member).get('meanwhile'))).toEqual([1, 1, 1]);
  });

  it('steps down, says that it has no majority, and finds it again', async () => {
    grid = new TestGrid();
    const members = await grid.joined(ids);
    const leader = await grid.leader();
    const told: string[] = [];
    for (const event of ['follower', 'quorum-lost', 'quorum-regained'] as const)
      leader.on(event, () => told.push(event));
    grid.network.partition([leader.localPeerId]);
    await grid.time.until(() => told.includes('quorum-lost'));
    expect(leader.leader).toBe(false);
    const call = mapOf(leader).set('k', 1, { timeoutInMs: 1000 });
    await expect(call).rejects.toMatchObject({ name: expect.stringMatching(/NotCommitted|Indeterminate/) });
    grid.network.heal();
    await grid.time.until(() => told.includes('quorum-regained'));
    await grid.leader(members);
    // The call that timed out was withdrawn, or has happened: either way the next one does.
    await mapOf(leader).set('k', 2);
    expect(mapOf(leader).get('k')).toBe(2);
  });
});

describe('a call without a majority', () => {
  it('ends at its time, with an outcome that says what is known', async () => {
    grid = new TestGrid();
    const members = await grid.joined(ids);
    const leader = await grid.leader();
    const follower = other(members, leader);
    await Promise.all(members.map((member) => mapOf(member).ready));
    for (const member of members) if (member !== follower) await grid.kill(member);
    const began = grid.time.now();
    const outcome = await mapOf(follower)
      .set('k', 1, { timeoutInMs: 700 })
      .then(
        () => undefined,
        (error: { code: string; mayHaveHappened: boolean }) => error,
      );
    expect(grid.time.now() - began).toBeLessThan(900);
    expect(['indeterminate', 'not-committed']).toContain(outcome?.code);
    expect(outcome?.mayHaveHappened).toBe(outcome?.code === 'indeterminate');
    await expect(follower.waitUntilCommitHead({ timeoutInMs: 300 })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('ends when it is aborted', async () => {
    grid = new TestGrid();
    const members = await grid.joined(ids);
    const leader = await grid.leader();
    const map = mapOf(leader);
    await map.ready;
    grid.network.partition([leader.localPeerId]);
    const abort = new AbortController();
    const call = map.set('k', 1, { signal: abort.signal });
    await grid.time.pass(10);
    abort.abort(new Error('enough'));
    await expect(call).rejects.toMatchObject({ code: 'indeterminate', mayHaveHappened: true });
    expect(members).toHaveLength(3);
  });
});

describe('a follower that was away for long', () => {
  it('is told of by the leader, as silent and then as in need of a snapshot', async () => {
    grid = new TestGrid();
    const members = await grid.joined(ids, { snapshots: { entries: 20, keepEntries: 0 } });
    const leader = await grid.leader();
    const away = other(members, leader);
    const told: string[] = [];
    leader.on('no-heartbeat-from', (peerId) => told.push(`silent ${peerId}`));
    leader.on('unsynced-peer', (peerId) => told.push(`unsynced ${peerId}`));
    grid.network.partition([away.localPeerId]);
    for (let i = 0; i < 60; i++) await mapOf(leader).set(`${i}`, i);
    await grid.time.pass(3000);
    expect([...leader.activeRemoteHeartbeats]).toEqual(
      ids.filter((id) => ![leader, away].some(({ localPeerId }) => localPeerId === id)),
    );
    // The leader looks once a heartbeat: the snapshot takes longer.
    grid.network.setFaults({ minDelayInMs: 120, maxDelayInMs: 150 });
    grid.network.heal();
    await grid.time.until(() => (away.raft?.report().counters.snapshotsInstalled ?? 0) > 0);
    await grid.settled();
    expect(told).toEqual([`silent ${away.localPeerId}`, `unsynced ${away.localPeerId}`]);
    expect([...leader.activeRemoteHeartbeats]).toHaveLength(2);
    expect(mapOf(away).size).toBe(60);
  });
});

describe('a survivor of a lost majority', () => {
  it('cannot be made to give up a majority that is there', async () => {
    grid = new TestGrid();
    const [member] = await grid.joined(ids);
    expect(() => member?.recover()).toThrow(expect.objectContaining({ code: 'unavailable' }));
    await member?.stop({ leave: false });
    expect(() => member?.recover()).toThrow(expect.objectContaining({ code: 'closed' }));
  });

  it('becomes a new grid when it is told to, with what it holds', async () => {
    grid = new TestGrid();
    const members = await grid.joined(ids);
    const survivor = other(members, await grid.leader());
    const map = mapOf(survivor);
    await map.set('before', 1);
    const lost = new Promise((resolve) => survivor.once('quorum-lost', () => resolve(true)));
    for (const member of members) if (member !== survivor) await grid.kill(member);
    const waiting = map.set('meanwhile', 1, patient).catch((error: { code: string }) => error.code);
    expect(await lost).toBe(true);
    survivor.recover();
    await grid.time.until(() => survivor.leader);
    expect(await map.set('after', 1)).toBeUndefined();
    expect([undefined, 'indeterminate', 'not-committed']).toContain(await waiting);
    const others = members.filter((member) => member !== survivor);
    const fresh = others.map(({ localPeerId }) => grid.member(localPeerId, { peers: ids }));
    await Promise.all(fresh.map((member) => member.join()));
    for (const member of fresh) expect([...mapOf(member)]).toEqual([...map]);
    expect(map.get('before')).toBe(1);
  });
});

describe('a member that the grid removed', () => {
  it('returns as a new one: its calls end as indeterminate, and later ones go on', async () => {
    grid = new TestGrid();
    const members = await grid.joined(ids, { removeDeadAfterInMs: 2000 });
    const leader = await grid.leader();
    const removed = other(members, leader);
    const map = mapOf(removed);
    await map.set('before', 1);
    const { member } = removed.raft ?? {};
    grid.network.partition([removed.localPeerId]);
    const events: string[] = [];
    removed.on('rejoining', () => events.push('rejoining'));
    removed.on('joined', () => events.push('joined'));
    const cutOff = map.set('cut-off', 1, patient).catch((error: { code: string }) => error.code);
    await grid.time.until(() => leader.remotePeerIds.size === 1);
    await mapOf(leader).set('meanwhile', 1);
    grid.network.heal();
    await grid.time.until(() => events.includes('rejoining'));
    const later = map.set('later', 1, patient);
    await removed.ready;
    expect(events).toEqual(['rejoining', 'joined']);
    expect(removed.raft?.member).not.toBe(member);
    expect(['indeterminate', 'not-committed']).toContain(await cutOff);
    expect(await later).toBeUndefined();
    expect([...map.keys()]).toEqual(['before', 'meanwhile', 'later']);
  });
});

function fail(): never {
  throw new Error('no member');
}

import type { HamokRemoteMap } from '@hamok/collections';
import { TestDatabase } from '@hamok/collections/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { Hamok } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

const ids = ['a', 'b', 'c'];
let grid: TestGrid;
let database: TestDatabase<string, number>;

afterEach(() => grid.close());

type NumberMap = HamokRemoteMap<string, number>;

const mapOf = (member: Hamok): NumberMap =>
  member.getOrCreateRemoteMap<string, number>({
    mapId: 'm',
    remoteMap: database.transactionalClient(member.localPeerId),
    requestTimeoutInMs: 600_000,
  });

async function start(faults = {}): Promise<Hamok[]> {
  grid = new TestGrid({ faults });
  database = new TestDatabase();
  const members = await grid.joined(ids);
  database.before = () => grid.time.pass(grid.random() * 2);
  database.after = () => grid.time.pass(grid.random() * 2);
  await Promise.all(members.map((member) => mapOf(member).ready));
  return members;
}

const count = 60;
/** Were a change made twice, or lost, the previous values would not be those before. */
const writeChain = (map: NumberMap, key: string) =>
  Promise.all(Array.from({ length: count }, (_, i) => map.set(key, i)));
const chain = [undefined, ...Array.from({ length: count - 1 }, (_, i) => i)];

describe('a remote map over Raft and transactions', () => {
  it.each([5, 20, 50, 90])('makes each change once when the leader is killed after %i ms', async (afterInMs) => {
    const members = await start({ minDelayInMs: 1, maxDelayInMs: 5 });
    const leader = await grid.leader();
    const survivors = members.filter((member) => member !== leader);
    const told = survivors.map((member) => {
      const events: unknown[] = [];
      mapOf(member).on('update', (key, before, after) => events.push([key, before, after]));
      return events;
    });
    const writing = Promise.all(survivors.map((member) => writeChain(mapOf(member), member.localPeerId)));
    await grid.time.pass(afterInMs);
    const lost = leader.localPeerId;
    await grid.kill(leader);
    expect(await writing).toEqual([chain, chain]);
    expect(database.entries.map(([, value]) => value)).toEqual([count - 1, count - 1]);
    expect(database.changes.length).toBe(2 * count);
    expect(database.changes.some(({ client }) => client !== lost)).toBe(true);
    await grid.settled();
    expect(told[0]).toHaveLength(2 * (count - 1));
    expect(told[1]).toEqual(told[0]);
  });

  it('does so when the leader is cut off, and writes on for a while', async () => {
    const members = await start();
    const leader = await grid.leader();
    const writer = other(members, leader);
    const writing = Promise.all([writeChain(mapOf(writer), 'x'), writeChain(mapOf(leader), 'y')]);
    await grid.time.pass(20);
    grid.network.partition([leader.localPeerId]);
    await grid.leader(members.filter((member) => member !== leader));
    await mapOf(writer).set('meanwhile', 1);
    grid.network.heal();
    expect(await writing).toEqual([chain, chain]);
    expect(database.changes.length).toBe(2 * count + 1);
  });

  it('goes on after all members are gone, with a database that remembers the grid before', async () => {
    const members = await start();
    await mapOf(members[0] ?? fail()).set('k', 1);
    for (const member of [...members]) await grid.kill(member);
    const again = await grid.joined(ids);
    await Promise.all(again.map((member) => mapOf(member).ready));
    const map = mapOf(again[1] ?? fail());
    expect(await map.set('k', 2)).toBe(1);
    expect(await map.updateIf('k', 3, 2)).toBe(true);
    expect(database.entries).toEqual([['k', 3]]);
  });
});

function fail(): never {
  throw new Error('no member');
}

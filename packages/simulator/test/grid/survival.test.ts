import { expect, test } from 'vitest';
import { mayLeave, survives } from '../../src/grid/faults/crashes.js';
import { leftBehind } from '../../src/grid/faults/left-behind.js';
import { SeededRandom } from '../../src/random.js';
import { anEmptyWorld, aWorld } from './a-world.js';

test('of two processes with one id the one stays that the grid counts, also where the other takes itself for a member', async () => {
  const { world, operator, until, on } = await aWorld(4);
  const original = world.living.find(({ leads }) => !leads);
  if (!original) throw new Error('three follow');
  const others = world.living.filter((process) => process !== original).map(({ host }) => host);
  original.pause();
  for (const leader of world.leaders) leader.act(() => void leader.hamok.raft?.removeMember(original.peerId));
  await until(() => world.running.every(({ core }) => core?.configuration.voters.length === 3));
  const second = operator.startTwin(original.peerId);
  // Whoever starts now may find the second one first.
  for (let host = others[0]; !second.hasJoined && host !== undefined; host = world.leaders[0]?.host) {
    on(host).kill();
    operator.restart(host);
    await until(() => on(host).hasJoined && world.leaders.length === 1);
    await world.runFor(500);
  }
  expect(original.core?.configuration.voters).toContain(original.member);
  operator.endTwin(second);
  expect([second.isDead, original.isDead]).toEqual([false, true]);
});

test('a grid that began with a second process, which has ended, and with one that has crashed is given up at last', async () => {
  let times = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const { world, operator, until, on, haveJoined } = anEmptyWorld(4, seed);
    for (const host of ['a', 'b', 'c', 'd']) operator.hosts.set(host, host);
    operator.restart('b');
    await world.runFor(50);
    const second = operator.startTwin('b');
    await world.runFor(50);
    for (const host of ['a', 'c']) operator.restart(host);
    await world.runFor(500);
    on('c').kill();
    operator.endTwin(second);
    operator.restart('d');
    await until(() => on('a').core !== undefined);
    operator.restart('c');
    if (on('a').core?.configuration.voters.includes(`${second.member}`)) {
      times++;
      await world.runFor(10_000);
      expect(world.leaders).toEqual([]);
    }
    operator.setRight();
    await until(haveJoined);
  }
  expect(times).toBeGreaterThan(0);
});

test('what one that lags behind goes by keeps nobody alive, and what a dead one has begun does', async () => {
  const { world, until } = await aWorld(5);
  const [leader] = world.leaders;
  const [lagging, removed, third, fourth] = world.living.filter((process) => process !== leader);
  if (!leader || !lagging || !removed || !third || !fourth) throw new Error('there are five');
  lagging.pause();
  // It goes on as another, and is let in as that.
  const { member } = removed;
  leader.act(() => void leader.hamok.raft?.removeMember(removed.peerId));
  await until(() => removed.member !== member && removed.hasJoined);
  expect(lagging.core?.configuration.voters).toContain(member);
  // The leader begins a change when it has heard a majority of those that are to be the voters: one of them dies while it waits for another.
  const { network } = world.fabric;
  network.cut(fourth.host, leader.host);
  leader.act(() => void leader.hamok.raft?.removeMember(removed.peerId).catch(() => undefined));
  await world.runFor(200);
  third.kill();
  expect(survives(world, fourth)).toBe(true);
  // Nobody has heard of the change when the leader dies.
  network.mend(fourth.host, leader.host);
  while (leader.core?.configuration.voters.length === 5) await world.runFor(0.01);
  expect(survives(world, fourth)).toBe(false);
  leader.kill();
  expect(survives(world, fourth)).toBe(false);
});

test("who ends in the moment in which it starts is in nobody's way", async () => {
  const { world, operator, until, on } = await aWorld(3);
  for (let times = 0; times < 12; times++) {
    on('b').kill();
    operator.restart('b');
    on('b').kill();
    operator.restart('b');
    await until(() => on('b').hasJoined && world.leaders.length === 1);
  }
});

test('nobody leaves whom the others need while a leader may not know who has died', async () => {
  const { world } = await aWorld(4);
  const [leader] = world.leaders;
  const [dead, other] = world.living.filter((process) => process !== leader);
  if (!dead || !other) throw new Error('there are four');
  expect(mayLeave(world, other)).toBe(true);
  dead.kill();
  expect(mayLeave(world, other)).toBe(false);
  await world.runFor(3000);
  expect(mayLeave(world, other)).toBe(true);
});

test('who comes while another has the place of a guest is another guest', async () => {
  const { operator } = await aWorld(3);
  operator.hosts.set("x'", 'x');
  expect(operator.startGuest()).toBe('y');
});

test('who is closed while it leaves is about to go until its process ends', async () => {
  const { world, on } = await aWorld(3);
  const process = on('a');
  process.act(() => {
    world.departs(process);
    void process.hamok.leave().then(() => world.remains(process));
    void process.hamok.close();
  });
  await world.runFor(3000);
  expect(world.departing.has(process)).toBe(true);
  process.kill();
  expect(world.departing.has(process)).toBe(false);
});

test('nobody is dismissed for having heard nothing when that is over', async () => {
  const { world, operator } = await aWorld(5);
  for (let seed = 1; seed <= 20; seed++) leftBehind.inject(world, new SeededRandom(seed), operator)?.run();
  await world.runFor(3000);
  expect([...world.dismissed]).toEqual([]);
});

import { Collections } from '@hamok/collections';
import { HamokMessage, MessageType } from '@hamok/messages';
import { expect, test } from 'vitest';
import { drained } from '../../src/grid/world/turn.js';
import { SeededRandom } from '../../src/random.js';
import { TimelyCalls } from '../../src/storages/invariants/timely-calls.js';
import { storagesPlanOf } from '../../src/storages/plan.js';
import { StoragesWorld } from '../../src/storages/storages-world.js';
import { Trace } from '../../src/world/trace.js';

const requestTimeoutInMs = 3000;

/** How long after it began a call that never ends is noticed, where somebody says after two seconds that it works on it. */
async function noticedAfter(
  waitsFor: readonly string[],
  change?: (world: StoragesWorld, pass: () => Promise<void>) => Promise<void>,
): Promise<number> {
  const plan = {
    ...storagesPlanOf(new SeededRandom(1)),
    members: 3,
    onlookers: 0,
    loss: 0,
    duplication: 0,
    maxDelayInMs: 2,
    logDelayInMs: 0,
  };
  const world = new StoragesWorld(plan, { Collections }, new SeededRandom(1), new Trace(undefined));
  const until = async (time: number): Promise<void> => {
    while (world.queue.runNext(time)) await drained();
  };
  await drained();
  await until(1000);
  await change?.(world, () => until(world.queue.now + 1000));
  const [a, b, c] = world.takers;
  if (a === undefined || b === undefined || c === undefined) throw new Error('there are three');
  const invariant = new TimelyCalls(requestTimeoutInMs);
  const taken = (message: Partial<HamokMessage>): void =>
    invariant.onFrame(a.host, b.host.id, new HamokMessage(message).toBinary(), world);
  const begin = world.queue.now;
  const call = {
    host: a.host,
    what: 'a call',
    begin,
    timeoutInMs: undefined,
    abortAt: undefined,
    steps: 1,
    keys: [],
    changes: [],
  };
  world.calls.add(call);
  invariant.onCall(call, world);
  await until(begin + 2000);
  taken({ type: MessageType.ONGOING_REQUESTS_NOTIFICATION, activeEndpointIds: [...waitsFor] });
  await expect(until(begin + 60_000)).rejects.toThrow('a call, asked at');
  return Math.round(world.queue.now - begin);
}

test('a call goes on as long as somebody works on it', async () => {
  expect(await noticedAfter([])).toBe(5001);
});

test('a call ends in its first time where somebody waits for one that is silent', async () => {
  expect(await noticedAfter(['c@1/2'])).toBe(3001);
  expect(await noticedAfter(['d@1/3', 'b@1/1'])).toBe(3001);
});

test('whoever does not take part any more is not waited for in vain', async () => {
  expect(await noticedAfter(['d@1/3'])).toBe(5001);
  expect(await noticedAfter(['b@1/0'])).toBe(5001);
});

test('nor is it as who it was, though nobody has heard of it since it takes part anew', async () => {
  const reopen = async (world: StoragesWorld, pass: () => Promise<void>): Promise<void> => {
    const [, , c] = world.takers;
    if (c === undefined) throw new Error('there are three');
    world.close(c);
    await pass();
    for (const { host } of world.takers) world.network.cut(c.host.id, host.id);
    world.reopen(c);
    await pass();
  };
  expect(await noticedAfter(['c@1/2'], reopen)).toBe(5001);
  expect(await noticedAfter(['c@1/4'], reopen)).toBe(3001);
});

test('who was removed is waited for as long as the one who waits has not heard of that', async () => {
  const remove = (lags: boolean) => async (world: StoragesWorld, pass: () => Promise<void>) => {
    const [first, , c] = world.takers;
    if (first === undefined || c === undefined) throw new Error('there are three');
    first.host.lags = lags;
    world.remove(c);
    await pass();
  };
  expect(await noticedAfter(['c@1/2'], remove(false))).toBe(5001);
  expect(await noticedAfter(['c@1/2'], remove(true))).toBe(3001);
});

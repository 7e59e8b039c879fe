import { Collections } from '@hamok/collections';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/random.js';
import { storagesPlanOf } from '../../src/storages/plan.js';
import { StoragesWorld } from '../../src/storages/storages-world.js';
import { Trace } from '../../src/world/trace.js';
import { passing } from './passing.js';

const keys = Array.from({ length: 24 }, (_, i) => `k${i}`);
const quiet = { onlookers: 1, loss: 0, duplication: 0, maxDelayInMs: 2, logDelayInMs: 0, backups: 0 };

/** A member behind the log reads keys that a newcomer has written, of which some others may know. */
async function readBehind(others: number) {
  const plan = { ...storagesPlanOf(new SeededRandom(1)), ...quiet, kind: 'federated' as const, members: 1 + others };
  const world = new StoragesWorld(plan, { Collections }, new SeededRandom(1), new Trace(undefined));
  const pass = await passing(world);
  await pass(1000);
  const [behind] = world.takers;
  if (behind === undefined) expect.unreachable('there is one');
  const knewWriters = world.knowsWriters(behind);
  behind.host.lags = true;
  for (const name of ['f', 'g', 'h']) world.join(name);
  await pass(1000);
  const newcomer = world.takers.at(-1);
  const acknowledged: string[] = [];
  // Not those whose witness is behind the log.
  for (const key of keys) void newcomer?.storage.set(key, [1]).then(() => acknowledged.push(key));
  await pass(1000);
  const written = [...acknowledged];
  expect(written.length).toBeGreaterThan(0);
  const knowsWriters = world.knowsWriters(behind);
  const read: (readonly number[] | undefined)[] = [];
  for (const key of written) void behind.storage.get(key).then((values) => read.push(values));
  await pass(1000);
  return { pass, behind, knewWriters, knowsWriters, written, read };
}

test('who is behind the log, alone, does not read what newcomers wrote, and that is not held against it', async () => {
  const { knewWriters, knowsWriters, written, read } = await readBehind(0);
  expect(read).toEqual(written.map(() => undefined));
  expect(knowsWriters()).toBe(false);
  expect(knewWriters()).toBe(true);
});

test('who is behind the log reads what newcomers wrote where another one, whom it asks, is not behind', async () => {
  const { pass, behind, knowsWriters, written, read } = await readBehind(1);
  expect(read).toEqual([]);
  expect(knowsWriters()).toBe(true);
  behind.host.lags = false;
  await pass(6000);
  expect(read).toEqual(written.map(() => [1]));
});

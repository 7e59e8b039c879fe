import { Collections } from '@hamok/collections';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/random.js';
import { storagesPlanOf } from '../../src/storages/plan.js';
import { StoragesWorld } from '../../src/storages/storages-world.js';
import { Trace } from '../../src/world/trace.js';
import { passing } from './passing.js';

test('who comes back finds nobody with its name: a process that came in its place, and crashed, is removed before', async () => {
  const plan = { ...storagesPlanOf(new SeededRandom(1)), members: 3, onlookers: 0, loss: 0, logDelayInMs: 0 };
  const world = new StoragesWorld(plan, { Collections }, new SeededRandom(1), new Trace(undefined));
  const pass = await passing(world);
  await pass(1000);
  const [, , c] = world.takers;
  if (c === undefined) expect.unreachable('there are three');
  c.host.lags = true;
  world.remove(c);
  world.join('c')?.kill();
  await world.reincarnate(c, 'snapshot');
  expect(c.host.status).toBe('running');
  expect(world.grid.members).toEqual(['a@1', 'b@1', c.host.id]);
});

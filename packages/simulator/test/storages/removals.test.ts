import { Collections } from '@hamok/collections';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/random.js';
import { returned } from '../../src/storages/faults/removals.js';
import { storagesPlanOf } from '../../src/storages/plan.js';
import { StoragesWorld } from '../../src/storages/storages-world.js';
import { Trace } from '../../src/world/trace.js';
import { passing } from './passing.js';

test('whoever came back since it was picked to be removed is left alone', async () => {
  const plan = { ...storagesPlanOf(new SeededRandom(1)), members: 5, onlookers: 0, loss: 0, reckless: true };
  for (let seed = 1; seed <= 10; seed++) {
    const random = new SeededRandom(seed);
    const world = new StoragesWorld(plan, { Collections }, random, new Trace(undefined));
    const pass = await passing(world);
    await pass(1000);
    returned.inject(world, random)?.run();
    await pass(3000);
    expect(world.grid.members.length).toBe(5);
    expect(world.living.filter(({ host }) => host.removed)).toEqual([]);
  }
});

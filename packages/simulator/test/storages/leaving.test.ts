import { Collections } from '@hamok/collections';
import { expect, test } from 'vitest';
import { drained } from '../../src/grid/world/turn.js';
import { SeededRandom } from '../../src/random.js';
import { crash } from '../../src/storages/faults/crashes.js';
import { delicateMoment } from '../../src/storages/faults/delicate-moment.js';
import { storagesPlanOf } from '../../src/storages/plan.js';
import { StoragesWorld } from '../../src/storages/storages-world.js';
import { Trace } from '../../src/world/trace.js';

const quiet = { onlookers: 0, loss: 0, duplication: 0, maxDelayInMs: 2, logDelayInMs: 0 };
const plan = { ...storagesPlanOf(new SeededRandom(1)), ...quiet, members: 2, backups: 1, reckless: true };

/** Two members, one of which is about to crash, since it said something delicate; undefined where it says nothing of that kind. */
async function oneAboutToCrash(random: SeededRandom) {
  const notes: string[] = [];
  const world = new StoragesWorld(plan, { Collections }, random, new Trace((line) => notes.push(line)));
  const isPicked = (): boolean => notes.some((line) => line.includes('not all hear it'));
  const until = async (time: number): Promise<void> => {
    while (!isPicked() && world.queue.runNext(time)) await drained();
  };
  await until(1000);
  delicateMoment.inject(world, random);
  for (const { storage } of world.takers) {
    void storage.set('k', [1]).catch(() => undefined);
    void storage.delete('k').catch(() => undefined);
  }
  await until(2000);
  return isPicked() ? world : undefined;
}

test('of two members one stays while the other is about to crash', async () => {
  let picked = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed);
    const world = await oneAboutToCrash(random);
    if (world === undefined) continue;
    picked++;
    for (let time = world.queue.now; time < 4000; time += 100) {
      crash.inject(world, random);
      while (world.queue.runNext(time)) await drained();
    }
    expect(world.living.length).toBe(1);
  }
  expect(picked).toBeGreaterThan(0);
});

import { Collections } from '@hamok/collections';
import { expect, test } from 'vitest';
import { drained } from '../../src/grid/world/turn.js';
import { SeededRandom } from '../../src/random.js';
import { storagesPlanOf } from '../../src/storages/plan.js';
import { StoragesWorld } from '../../src/storages/storages-world.js';
import { Trace } from '../../src/world/trace.js';

test('nothing has to be left where the last that took part closes its storage, though a member that joined is there', async () => {
  const plan = { ...storagesPlanOf(new SeededRandom(1)), members: 2, onlookers: 0, loss: 0, logDelayInMs: 0 };
  const world = new StoragesWorld(plan, { Collections }, new SeededRandom(1), new Trace(undefined));
  await drained();
  while (world.queue.runNext(1000)) await drained();
  const [a, b] = world.takers;
  if (a === undefined || b === undefined) throw new Error('there are two');
  world.history.acknowledge(world.history.write('k0', 1, undefined));
  world.join('f', true);
  const read = (): void => world.history.read('k0', [], world.queue.now + 1, 'a read');
  world.close(a);
  expect(read).toThrow('a read of k0 gave nothing');
  world.close(b);
  read();
});

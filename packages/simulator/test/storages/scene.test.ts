import { Collections } from '@hamok/collections';
import { expect, test } from 'vitest';
import { drained } from '../../src/grid/world/turn.js';
import { SeededRandom } from '../../src/random.js';
import { checkCopies } from '../../src/storages/at-rest.js';
import { type StoragesPlan, storagesPlanOf } from '../../src/storages/plan.js';
import { Epochs, sceneOf } from '../../src/storages/scene.js';
import { StoragesWorld } from '../../src/storages/storages-world.js';
import { Trace } from '../../src/world/trace.js';
import { passing } from './passing.js';

const quiet = { onlookers: 0, loss: 0, duplication: 0, maxDelayInMs: 2, logDelayInMs: 0, reckless: true };

/** Members that share a storage in which the first has written one entry, of one backup. */
async function aWorld(kind: StoragesPlan['kind'], members: number) {
  const plan = { ...storagesPlanOf(new SeededRandom(1)), ...quiet, kind, members, backups: 1 };
  const lines: string[] = [];
  const trace = new Trace((line) => lines.push(line.replace(/^ *[\d.]+ /, '')));
  const world = new StoragesWorld(plan, { Collections }, new SeededRandom(1), trace);
  const pass = await passing(world);
  await pass(1000);
  void world.takers[0]?.storage.set('k0', [5]);
  await drained();
  await pass(100);
  return { world, pass, lines };
}

test('the scene says who holds an entry, and who keeps its copies', async () => {
  const { world } = await aWorld('separated', 3);
  const holdings = sceneOf(world).filter((line) => line.startsWith('    '));
  expect(holdings.slice(0, 1)).toEqual(['    holds k0=[5]']);
  expect([...holdings].sort()).toEqual([
    '    holds k0=[5]',
    '    holds nothing',
    '    holds nothing',
    '    keeps for a@1/0: k0 as witness',
    '    keeps for a@1/0: k0=[5]',
  ]);
});

test('the scene shows a version whose writer is gone with whoever restored it', async () => {
  const { world, pass } = await aWorld('federated', 2);
  const [writer] = world.takers;
  if (writer === undefined) expect.unreachable('nobody takes part');
  writer.host.kill();
  world.abdicate(writer);
  world.remove(writer);
  await pass(1000);
  expect(sceneOf(world)).toContain('    holds k0 of a@1/0=[5]');
});

test('a copy that is missing is named with its entry', async () => {
  const { world } = await aWorld('separated', 3);
  expect(() => checkCopies(world)).not.toThrow();
  const keeper = world.takers.find(({ storage }) => storage.stats.backups > 0);
  keeper?.host.kill();
  expect(() => checkCopies(world)).toThrow(
    /^k0 is held by a@1, with backups on nobody and witnesses on \w@1; each is due/,
  );
});

test('who knows of a change of the participants at one time is told in one line', async () => {
  const { world, pass, lines } = await aWorld('separated', 3);
  const epochs = new Epochs(world);
  epochs.look();
  expect(lines.at(-1)).toBe('   a@1 b@1 c@1: epoch 2, of a b c, SETTLED');
  void world.takers[2]?.storage.close();
  await drained();
  await pass(100);
  epochs.look();
  expect(lines.slice(-2)).toEqual(['   a@1 b@1: epoch 3, of a b, SETTLED', '   c@1: takes no part']);
});

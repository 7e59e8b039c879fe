import { Collections } from '@hamok/collections';
import { expect, test } from 'vitest';
import { drained } from '../../src/grid/world/turn.js';
import { SeededRandom } from '../../src/random.js';
import { toldLosses } from '../../src/storages/invariants/told-losses.js';
import { type StoragesPlan, storagesPlanOf } from '../../src/storages/plan.js';
import { StoragesWorld, type Taker } from '../../src/storages/storages-world.js';
import { Trace } from '../../src/world/trace.js';
import { passing } from './passing.js';

const quiet = { onlookers: 0, loss: 0, duplication: 0, maxDelayInMs: 2, logDelayInMs: 0 };

/** Of entries with one backup, and everything in its place. */
async function rested(members: number, some: Partial<StoragesPlan> = {}) {
  const plan = { ...storagesPlanOf(new SeededRandom(1)), ...quiet, members, backups: 1, ...some };
  const world = new StoragesWorld(plan, { Collections }, new SeededRandom(1), new Trace(undefined));
  const pass = await passing(world);
  await pass(1000);
  world.rested(new Map());
  const told: string[] = [];
  for (const { host, storage } of world.takers)
    storage.incidents.on('lost-unnamed', (gone) => told.push(`${host.id}: ${gone}`));
  /** Nobody hears anything, so that nothing is settled. */
  const cut = (): void => {
    for (const from of world.takers) for (const to of world.takers) world.network.cut(from.host.id, to.host.id);
  };
  const remove = (...names: readonly string[]): void => {
    for (const taker of world.takers) if (names.includes(taker.host.name)) world.remove(taker);
  };
  const report = (id: string, ...gone: readonly string[]): void => toldLosses().onLostUnnamed?.(id, gone, world);
  return { world, pass, cut, remove, told, report };
}

test('who takes part anew has gone as who it was', async () => {
  const { world, pass, cut, remove, told } = await rested(5);
  world.grid.fate = () => 'delay';
  const newcomer = world.join('f');
  if (newcomer === undefined) expect.unreachable('nobody lives with that name');
  cut();
  await pass(100);
  // It joins, and does not know that when it is given the state: it joins again.
  newcomer.lags = true;
  world.grid.fate = () => 'commit';
  world.grid.release();
  await pass(100);
  await world.sendSnapshot(newcomer);
  await pass(100);
  remove('d', 'e');
  await pass(100);
  expect(told).toContain('a@1: d,e,f');
  expect(world.violation).toBeUndefined();
});

test('only those may be named that have gone, and so many that they can have had all copies', async () => {
  const { pass, cut, remove, report } = await rested(7);
  cut();
  remove('e', 'i');
  await pass(100);
  expect(() => report('a@1', 'e', 'i')).toThrow('a@1 reports that e,i may have had all copies, of nobody');
  remove('j');
  await pass(100);
  report('a@1', 'e', 'i', 'j');
  expect(() => report('a@1', 'd', 'e', 'i', 'j')).toThrow('of e,i,j');
  expect(() => report('a@1', 'e', 'i')).toThrow('of e,i,j');
  expect(() => report('a@1')).toThrow('of e,i,j');
});

test('nobody is named before the reporter knows that it has gone, nor who had gone before a rest', async () => {
  const { world, pass, remove, report } = await rested(7);
  remove('e', 'i');
  await pass(100);
  const [a, b] = world.takers;
  if (a === undefined || b === undefined) expect.unreachable('there are seven');
  b.host.lags = true;
  remove('j');
  await pass(100);
  report('a@1', 'e', 'i', 'j');
  expect(() => report('b@1', 'e', 'i', 'j')).toThrow('of nobody');
  b.host.lags = false;
  await pass(1000);
  report('b@1', 'e', 'i', 'j');
  world.rested(new Map());
  expect(() => report('a@1', 'e', 'i', 'j')).toThrow('of nobody');
});

test('of two, who came second tells of the first alone', async () => {
  const { world, pass, cut, remove, told } = await rested(1);
  cut();
  world.join('f');
  cut();
  const [, second] = world.takers;
  second?.storage.incidents.on('lost-unnamed', (gone) => told.push(`${second.host.id}: ${gone}`));
  await pass(100);
  remove('a');
  await pass(100);
  expect(told).toEqual(['f@2: a']);
  expect(world.violation).toBeUndefined();
});

test('a newcomer may report what was being deleted as lost, and knows no better', async () => {
  const { world, pass } = await rested(3, { kind: 'separated', keys: 60 });
  const [a, b, c] = world.takers;
  if (a === undefined || b === undefined || c === undefined) expect.unreachable('there are three');
  const { history, network, keys } = world;
  const writes = keys.map((key, at) => history.write(key, at, undefined));
  const entries = keys.map((key, at) => [key, [at]] as const);
  world.asked({ kind: 'set', keys, entries });
  void c.storage.setAll(entries).then(() => {
    for (const one of writes) history.acknowledge(one);
  });
  await drained();
  await pass(100);
  const lost: string[] = [];
  const listen = ({ storage }: Taker): unknown => storage.incidents.on('lost', (some) => lost.push(...some));
  // A backup drops its copy, and the witness does not hear of that.
  network.cut(c.host.id, a.host.id);
  for (const key of keys) history.delete(key);
  world.asked({ kind: 'delete', keys, entries: [] });
  c.storage.deleteAll(keys).catch(() => undefined);
  await drained();
  await pass(100);
  for (const name of ['f', 'g', 'h']) world.join(name);
  for (const taker of world.takers.slice(3)) listen(taker);
  await pass(500);
  world.goes();
  world.abdicate(c);
  c.host.kill();
  world.remove(c);
  await pass(1000);
  expect(world.losses.arePossible).toBe(false);
  expect(lost.length).toBeGreaterThan(0);
  expect(world.violation).toBeUndefined();
});

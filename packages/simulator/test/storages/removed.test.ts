import { Collections } from '@hamok/collections';
import { expect, test } from 'vitest';
import { drained } from '../../src/grid/world/turn.js';
import { SeededRandom } from '../../src/random.js';
import { makeCall } from '../../src/storages/calls.js';
import { storagesPlanOf } from '../../src/storages/plan.js';
import { StoragesWorld, type Taker } from '../../src/storages/storages-world.js';
import { Trace } from '../../src/world/trace.js';

const keys = Array.from({ length: 24 }, (_, i) => `k${i}`);
const plan = {
  ...storagesPlanOf(new SeededRandom(1)),
  kind: 'separated' as const,
  members: 5,
  onlookers: 0,
  backups: 1,
  loss: 0,
  duplication: 0,
  maxDelayInMs: 2,
  logDelayInMs: 0,
};

async function begun(
  some: Partial<typeof plan> = {},
): Promise<{ world: StoragesWorld; until: (isSo: () => boolean) => Promise<void> }> {
  const world = new StoragesWorld({ ...plan, ...some }, { Collections }, new SeededRandom(1), new Trace(undefined));
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let steps = 0; !isSo(); steps++) {
      if (steps > 20_000) throw new Error('it does not come to that');
      world.queue.runNext(world.queue.now + 1000);
      await drained();
    }
  };
  await until(() => world.isSettled());
  return { world, until };
}

async function setAll({ storage }: Taker, value: number): Promise<readonly string[]> {
  const results = await Promise.allSettled(keys.map((key) => storage.set(key, [value], { timeoutInMs: 500 })));
  return keys.filter((_, at) => results[at]?.status === 'fulfilled');
}

test.each([
  ['was removed', 'remove' as const],
  ['closed the storage', 'close' as const],
])('who has not heard that one %s reads what that one has, and it is not held against it', async (_, end) => {
  const { world, until } = await begun();
  const [a, b, , d] = world.takers;
  if (a === undefined || b === undefined || d === undefined) throw new Error('there are five');
  let [written, changed, read]: (readonly string[] | undefined)[] = [];
  void setAll(a, 1).then((done) => {
    written = done;
  });
  await until(() => written !== undefined && world.isSettled());
  expect(written).toEqual(keys);
  for (const { host } of [b, d]) host.lags = true;
  world[end](d);
  void setAll(a, 2).then((done) => {
    changed = done;
  });
  await until(() => changed !== undefined);

  const asked = world.queue.now;
  expect(b.host.misledAt).toBeLessThan(asked);
  const stale: string[] = [];
  void Promise.allSettled(
    (changed ?? []).map(async (key) => {
      const [value] = (await b.storage.get(key, { timeoutInMs: 500 })) ?? [];
      if (value === 1) stale.push(key);
    }),
  ).then(() => {
    read = stale;
  });
  await until(() => read !== undefined);
  expect(stale.length).toBeGreaterThan(0);
  expect(b.host.misledAt).toBeGreaterThan(asked);
  expect(a.host.misledAt).toBeLessThan(asked);
});

test('who was removed hears no leader, where most of those that it knows do not know of that either', async () => {
  const { world, until } = await begun({ members: 3, backups: 0 });
  const [a, b, c] = world.takers;
  if (a === undefined || b === undefined || c === undefined) throw new Error('there are three');
  let written: readonly string[] | undefined;
  void setAll(b, 1).then((done) => {
    written = done;
  });
  await until(() => written !== undefined && world.isSettled());
  expect(world.grid.leader).toBe(a.host.id);
  expect(b.storage.stats.held).toBe(keys.length);
  b.host.lags = true;
  world.join('d');
  await until(() => c.storage.participants.memberIds.length === 4);
  c.host.lags = true;
  world.remove(b);
  let changed: readonly string[] | undefined;
  void setAll(b, 2).then((done) => {
    changed = done;
  });
  await until(() => changed !== undefined);
  expect(changed).toEqual([]);
});

test('who was removed may clear what it knows of, and that is no deletion of what others wrote since', async () => {
  const { world, until } = await begun({ members: 1, onlookers: 1, backups: 0 });
  const [a] = world.takers;
  if (a === undefined) throw new Error('there is one');
  a.host.lags = true;
  world.join('f');
  world.remove(a);
  const [, f] = world.takers;
  if (f === undefined) throw new Error('there are two');
  const { history } = world;
  const written = history.write('k0', 1, undefined);
  let isWritten = false;
  void f.storage.set('k0', [1]).then(() => {
    history.acknowledge(written);
    isWritten = true;
  });
  await until(() => isWritten);
  world.queue.runNext(world.queue.now + 10);

  let isCleared = false;
  const begin = world.queue.now + 1;
  const isCurrent = (): boolean => !a.host.removed;
  const what = 'clear on a';
  const keys = ['k0'];
  world.queue.after(1, () => {
    const changes = [history.delete('k0')];
    const call = { kind: 'clear' as const, what, begin, storage: a.storage, keys, entries: [], changes, options: {} };
    void makeCall({ ...call, isPartial: () => false, isCurrent }, history).then(() => {
      isCleared = true;
    });
  });
  await until(() => isCleared);
  let found: readonly number[] | undefined;
  let asked = 0;
  world.queue.after(1, () => {
    asked = world.queue.now;
    void f.storage.get('k0').then((values = []) => {
      found = values;
    });
  });
  await until(() => found !== undefined);
  expect(found).toEqual([1]);
  history.read('k0', found ?? [], asked, 'a read on f');
});

import { Collections } from '@hamok/collections';
import { simulateStorages } from '@hamok/simulator/storages';
import { expect, test } from 'vitest';
import { Tally } from '../../src/tally.js';
import { TraceTail } from '../../src/world/trace.js';

const ms = 5000;
const seeds = Array.from({ length: 12 }, (_, i) => 1 + i);
const product = { Collections };

/** What a reader needs to find out why a seed failed. */
async function explain(seed: number): Promise<string> {
  const tail = new TraceTail(60);
  const { failure } = await simulateStorages({ seed, ms, product, trace: tail.sink });
  return [...tail.lines(), ...(failure?.scene ?? []), `${failure?.invariant}: ${failure?.message}`].join('\n');
}

test('separated storages have one holder a key and lose nothing acknowledged, whatever becomes of their members', async () => {
  const faults = new Tally();
  for (const seed of seeds) {
    const result = await simulateStorages({ seed, ms, product });
    if (result.failure) expect.unreachable(await explain(seed));
    faults.addAll(result.faults);
  }
  expect([...faults.counts.keys()].sort()).toEqual([
    'a member behind the log',
    'a member more',
    'a process that stands still',
    'a storage closed and opened again',
    'crash',
    'frames cut off',
    'removal of one that lives',
  ]);
});

test('a seed gives the same run every time', async () => {
  const [first, second] = [[] as string[], [] as string[]];
  await simulateStorages({ seed: 5, ms, product, trace: (line) => first.push(line) });
  await simulateStorages({ seed: 5, ms, product, trace: (line) => second.push(line) });
  expect(first.length).toBeGreaterThan(50);
  expect(second).toEqual(first);
});

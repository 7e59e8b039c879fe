import { Collections } from '@hamok/collections';
import { simulateStorages } from '@hamok/simulator/storages';
import { expect, test } from 'vitest';
import type { Overrides } from '../../src/overrides.js';
import { Tally } from '../../src/tally.js';
import { TraceTail } from '../../src/world/trace.js';

const ms = 5000;
const seeds = Array.from({ length: 14 }, (_, i) => 1 + i);
const product = { Collections };
type Kind = 'separated' | 'federated';

/** What a reader needs to find out why a seed failed. */
async function explain(seed: number, kind: Kind): Promise<string> {
  const tail = new TraceTail(60);
  const { failure } = await simulateStorages({ seed, ms, product, trace: tail.sink, overrides: { kind } });
  return [...tail.lines(), ...(failure?.scene ?? []), `${failure?.invariant}: ${failure?.message}`].join('\n');
}

test.each([
  ['separated', 'have one holder a key'],
  ['federated', 'converge, and merge nothing twice'],
] as const)('%s storages %s, and lose nothing acknowledged, whatever becomes of their members', async (kind, _what) => {
  const faults = new Tally();
  for (const seed of seeds) {
    const result = await simulateStorages({ seed, ms, product, overrides: { kind } });
    if (result.failure) expect.unreachable(await explain(seed, kind));
    faults.addAll(result.faults);
  }
  expect([...faults.counts].filter(([, count]) => count === 0)).toEqual([]);
});

/** As a worker that is sent a message begins it: not in a microtask. */
const inACallback = <T>(begin: () => Promise<T>): Promise<T> =>
  new Promise((resolve) => {
    setImmediate(() => resolve(begin()));
  });

test('a seed gives the same run every time, wherever it is begun', async () => {
  const traceOf = async (): Promise<string[]> => {
    const lines: string[] = [];
    await simulateStorages({ seed: 20_092, ms, product, trace: (line) => lines.push(line) });
    return lines;
  };
  const first = await traceOf();
  expect(first.length).toBeGreaterThan(50);
  expect(await traceOf()).toEqual(first);
  expect(await inACallback(traceOf)).toEqual(first);
});

test('a run is the same whether or not somebody listens', async () => {
  const told = await simulateStorages({ seed: 7, ms, product, trace: () => undefined });
  expect(await simulateStorages({ seed: 7, ms, product })).toEqual(told);
});

test('a fault that is spared shifts neither what programs ask for nor when', async () => {
  const askedWith = async (overrides: Overrides): Promise<string[]> => {
    const asked: string[] = [];
    const trace = (line: string): void => {
      const [, call, where] = /^(.* #\d+ [a-z]+) on \S+( k[^>]*)$/.exec(line) ?? [];
      if (call !== undefined) asked.push(`${call}${where}`);
    };
    await simulateStorages({
      seed: 11,
      ms: 2000,
      product,
      trace,
      overrides: { restEvery: Number.POSITIVE_INFINITY, ...overrides },
    });
    return asked;
  };
  const asked = await askedWith({});
  expect(asked.length).toBeGreaterThan(50);
  const turns = Array.from({ length: 100 }, (_, i) => i + 1);
  expect(await askedWith({ spared: turns })).toEqual(asked);
  expect(await askedWith({ faults: ['crash'] })).toEqual(asked);
});

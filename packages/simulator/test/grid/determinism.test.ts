import { simulateGrid } from '@hamok/simulator/grid';
import { expect, test } from 'vitest';

async function traceOf(seed: number): Promise<string[]> {
  const lines: string[] = [];
  await simulateGrid({ seed, ticks: 4000, trace: (line) => lines.push(line) });
  return lines;
}

test.each([1, 2, 3])('seed %i gives the same trace twice, to the byte', { timeout: 30_000 }, async (seed) => {
  const first = await traceOf(seed);
  expect(first.length).toBeGreaterThan(100);
  expect((await traceOf(seed)).join('\n') === first.join('\n')).toBe(true);
});

test('a run is the same whether or not somebody listens', { timeout: 30_000 }, async () => {
  const told = await simulateGrid({ seed: 3, ticks: 4000, trace: () => undefined });
  expect(await simulateGrid({ seed: 3, ticks: 4000 })).toEqual(told);
});

test('another seed gives another trace', { timeout: 30_000 }, async () => {
  expect((await traceOf(1)).join('\n') === (await traceOf(2)).join('\n')).toBe(false);
});

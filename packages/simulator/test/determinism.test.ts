import { RaftCore } from '@hamok/raft';
import { type CoreFactory, simulate } from '@hamok/simulator';
import { expect, test } from 'vitest';

function traceOf(seed: number): string[] {
  const lines: string[] = [];
  simulate({ seed, ticks: 5000, createCore: (options) => new RaftCore(options), trace: (line) => lines.push(line) });
  return lines;
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i gives the same trace twice, to the byte', { timeout: 30_000 }, (seed) => {
  const first = traceOf(seed);
  expect(first.length).toBeGreaterThan(30);
  expect(traceOf(seed).join('\n') === first.join('\n')).toBe(true);
});

test('a run is the same whether or not somebody listens', () => {
  const createCore: CoreFactory = (options) => new RaftCore(options);
  const told = simulate({ seed: 3, ticks: 5000, createCore, trace: () => undefined });
  expect(simulate({ seed: 3, ticks: 5000, createCore })).toEqual(told);
});

test('another seed gives another trace', () => {
  expect(traceOf(1).join('\n') === traceOf(2).join('\n')).toBe(false);
});

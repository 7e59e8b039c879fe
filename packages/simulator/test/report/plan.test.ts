import { expect, test } from 'vitest';
import { describePlan } from '../../src/report/plan.js';

test('a plan is told in words, in lines that fit', () => {
  const noise = { loss: 0.1, fifo: true };
  expect(
    describePlan({ voters: 3, noise, readEvery: Number.POSITIVE_INFINITY, faults: ['pause', 'storm'], spared: [] }),
  ).toEqual(['  voters 3, noise.loss 0.1, noise.fifo true, readEvery never, faults pause; storm, spared none']);
  const long = describePlan(Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`value${at}`, at])));
  expect(long.length).toBeGreaterThan(1);
  expect(Math.max(...long.map(({ length }) => length))).toBeLessThan(150);
});

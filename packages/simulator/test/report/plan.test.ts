import { expect, test } from 'vitest';
import { describePlan } from '../../src/report/plan.js';

test('a plan is told in words, in lines that fit', () => {
  const noise = { loss: 0.1, fifo: true };
  expect(
    describePlan({ voters: 3, noise, readEvery: Number.POSITIVE_INFINITY, faults: ['pause', 'storm'], spared: [] }),
  ).toEqual(['  voters 3, noise.loss 0.1, noise.fifo true, readEvery never, faults pause; storm, spared none']);
  const faults = Array.from({ length: 30 }, (_, at) => `a fault ${at}`);
  const listed = describePlan({ faults, spared: [1, 2] });
  expect(listed[0]).toMatch(/^ {2}faults a fault 0; a fault 1; /);
  expect(listed.at(-1)).toMatch(/; a fault 29, spared 1; 2$/);
  expect(Math.max(...listed.map(({ length }) => length))).toBeLessThan(150);
  const long = describePlan(Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`value${at}`, at])));
  expect(long.length).toBeGreaterThan(1);
  expect(Math.max(...long.map(({ length }) => length))).toBeLessThan(150);
});

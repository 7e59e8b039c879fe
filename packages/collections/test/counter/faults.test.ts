import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../src/errors.js';
import { type Fate, settle } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';
import { departure, fate, Misfortunes, misfortune } from '../misfortunes.js';

const delta = fc.integer({ min: -9, max: 9 });
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('add' as const), at: fc.nat(2), delta }) },
  { weight: 1, arbitrary: fc.constant({ do: 'time' as const }) },
  { weight: 4, arbitrary: misfortune },
  { weight: 1, arbitrary: departure },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Adds on three members, and notes what is known of each addition. */
async function run(steps: readonly Step[], path: readonly Fate[]): Promise<void> {
  const { grid, clock, members, errors } = await startGrid(3);
  const counters = members.map((each) => each.createCounter({ counterId: 'c', requestTimeoutInMs: 2000 }));
  await Promise.all(counters.map(({ ready }) => ready));
  const misfortunes = new Misfortunes(grid, path);
  const made: { readonly delta: number; readonly result: number }[] = [];
  const unknown: number[] = [];
  const problems: unknown[] = [];
  const calls: Promise<unknown>[] = [];
  for (const each of steps) {
    switch (each.do) {
      case 'add': {
        const { delta } = each;
        const failed = (error: unknown): void => {
          if (codeOf(error) === 'indeterminate') unknown.push(delta);
          else if (codeOf(error) !== 'not-committed') problems.push(error);
        };
        calls.push(
          (counters[each.at] ?? expect.fail()).add(delta).then((result) => made.push({ delta, result }), failed),
        );
        break;
      }
      case 'time':
        await clock.advance(800);
        break;
      default:
        await misfortunes.happen(each);
    }
    if (each.do !== 'add') await settle();
  }
  await misfortunes.end(clock, 4000);
  await Promise.all(calls);
  const [sum, ...others] = counters.map(({ value }) => value);
  expect(others).toEqual([sum, sum]);
  const known = made.reduce((total, { delta }) => total + delta, 0);
  expect(possibleSums(unknown)).toContain((sum ?? Number.NaN) - known);
  // Where nothing is unknown, the results are those of one addition after another.
  if (unknown.length === 0) expect(inSomeOrder(made)).toBe(true);
  for (const member of members) member.close();
  await settle();
  expect([clock.pendingTimers, errors, problems]).toEqual([0, [], []]);
}

function possibleSums(deltas: readonly number[]): Set<number> {
  let sums = new Set([0]);
  for (const delta of deltas) sums = new Set([...sums].flatMap((sum) => [sum, sum + delta]));
  return sums;
}

/** Whether there is an order from 0 on: each step leads from what it began with to its result, and they are one path. */
function inSomeOrder(made: readonly { readonly delta: number; readonly result: number }[]): boolean {
  const degree = new Map<number, number>();
  for (const { delta, result } of made) {
    degree.set(result - delta, (degree.get(result - delta) ?? 0) + 1);
    degree.set(result, (degree.get(result) ?? 0) - 1);
  }
  const ends = [...degree].filter(([, each]) => each !== 0);
  return ends.length === 0 || (ends.length === 2 && degree.get(0) === 1);
}

describe('what was added is what the counter says', () => {
  it('whatever becomes of proposals, leaders and members', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.array(fate, { maxLength: 40, size: 'max' }),
        run,
      ),
      { numRuns: 100 },
    ));
});

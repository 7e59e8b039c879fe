import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../src/errors.js';
import { type Fate, settle } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';

const fate = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fate>('commit') },
  { weight: 2, arbitrary: fc.constantFrom<Fate>('commit-unheard', 'commit-twice', 'refuse', 'lose', 'delay') },
);
const at = fc.nat(2);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), at, delta: fc.integer({ min: -9, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('time' as const, 'hold' as const, 'leader' as const), at }) },
  { weight: 1, arbitrary: fc.constant({ do: 'commit' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'snapshot' as const, 'depart' as const), at }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Adds on three members, and notes what is known of each addition. */
async function run(steps: readonly Step[], path: readonly Fate[]): Promise<void> {
  const { grid, clock, members, errors } = await startGrid(3);
  const counters = members.map((each) => each.createCounter({ counterId: 'c', requestTimeoutInMs: 2000 }));
  await Promise.all(counters.map(({ ready }) => ready));
  let next = 0;
  grid.fate = () => path[next++] ?? 'commit';
  const names = ['a@1', 'b@1', 'c@1'];
  const name = (at: number): string => names[at] ?? expect.fail();
  const isLeader = (at: number): boolean => grid.leader === name(at);
  let incarnation = 1;
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
      case 'hold':
        grid.holding = true;
        break;
      case 'commit':
        grid.holding = false;
        grid.commit();
        break;
      case 'leader':
        if (!isLeader(each.at)) grid.changeLeader(name(each.at));
        break;
      case 'pause':
        if (!isLeader(each.at)) grid.member(name(each.at)).paused = true;
        break;
      case 'snapshot':
        if (!isLeader(each.at)) await grid.sendSnapshot(name(each.at));
        grid.member(name(each.at)).paused = false;
        break;
      case 'depart': {
        if (isLeader(each.at)) break;
        const [from, to] = [name(each.at), `${name(each.at).slice(0, 1)}@${++incarnation}`];
        grid.holding = false;
        grid.commit();
        grid.member(from).paused = false;
        await grid.reincarnate(from, to, incarnation % 2 === 0 ? 'snapshot' : 'log');
        names[each.at] = to;
      }
    }
    if (each.do !== 'add') await settle();
  }
  grid.fate = () => 'commit';
  grid.holding = false;
  for (const each of names) grid.member(each).paused = false;
  grid.commit();
  for (let round = 0; round < 5; round++) {
    grid.release();
    await clock.advance(4000);
  }
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

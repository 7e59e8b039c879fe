import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../src/errors.js';
import type { HamokSemaphore, Hold } from '../../src/index.js';
import { type Fate, settle } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';
import { departure, fate, Misfortunes, misfortune } from '../misfortunes.js';

const at = fc.nat(2);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('acquire' as const, 'try' as const), at, ms: fc.nat(4000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), which: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 700 }) }) },
  { weight: 8, arbitrary: misfortune },
  { weight: 1, arbitrary: fc.oneof(departure, fc.record({ do: fc.constant('restart' as const), at })) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const leaseInMs = 1000;
const known = new Set(['not-committed', 'indeterminate', 'unavailable', 'closed']);

/** Drives a semaphore on three members through the steps, and sees to it that there are never too many holders. */
async function run(permits: number, steps: readonly Step[], path: readonly Fate[]) {
  const { grid, clock, members, errors } = await startGrid(3);
  const create = (at: number): HamokSemaphore =>
    members[at]?.createSemaphore({ semaphoreId: 's', permits, leaseInMs }) ?? expect.fail();
  const semaphores = members.map((_, at) => create(at));
  await Promise.all(semaphores.map(({ ready }) => ready));
  const semaphore = (at: number): HamokSemaphore => semaphores[at] ?? expect.fail();
  const misfortunes = new Misfortunes(grid, path);
  const holds: Hold[] = [];
  const aborts: AbortController[] = [];
  const calls: Promise<unknown>[] = [];
  const problems: unknown[] = [];
  let waiting = 0;

  const got = (held: Hold | undefined): void => {
    if (held === undefined) return;
    holds.push(held);
    expect(holds.filter((each) => each.held).length).toBeLessThanOrEqual(permits);
    if (permits === 1) expect(holds.every(({ token }) => token <= held.token)).toBe(true);
  };
  const failed = (error: unknown): void => {
    if (!known.has(codeOf(error) ?? '')) problems.push(error);
  };
  const note = (call: Promise<unknown>): void => void calls.push(call.catch(failed));
  const asked = (ask: (signal: AbortSignal) => Promise<Hold | undefined>): void => {
    const controller = new AbortController();
    aborts.push(controller);
    waiting++;
    note(
      ask(controller.signal)
        .then(got)
        .finally(() => waiting--),
    );
  };

  for (const each of steps) {
    switch (each.do) {
      case 'acquire': {
        const limit = each.ms > 2000 ? {} : { timeoutInMs: each.ms };
        asked((signal) => semaphore(each.at).acquire({ signal, ...limit }));
        break;
      }
      case 'try':
        asked((signal) => semaphore(each.at).tryAcquire({ signal, timeoutInMs: each.ms }));
        break;
      case 'release': {
        const held = holds.filter((one) => one.held)[each.which];
        if (held !== undefined) note(held.release());
        break;
      }
      case 'abort':
        aborts[each.which]?.abort();
        break;
      case 'time':
        await clock.advance(each.ms);
        break;
      case 'restart':
        semaphore(each.at).close();
        semaphores[each.at] = create(each.at);
        break;
      default:
        await misfortunes.happen(each);
    }
    await settle();
    expect(holds.filter(({ held }) => held).length).toBeLessThanOrEqual(permits);
  }
  await misfortunes.end(clock, 2000);
  // Whoever waits does so because there is none to be had.
  if (waiting > 0) expect(semaphores.map(({ available }) => available)).toEqual([0, 0, 0]);
  // Everybody who waits gets a permit in the end, in the place of those who were served before.
  for (let round = 0; round < 60 && waiting > 0; round++) {
    await clock.advance(1000);
    for (const held of holds) note(held.release());
  }
  expect(waiting).toBe(0);
  await clock.advance(10_000);
  for (const held of holds) await held.release().catch(failed);
  await Promise.all(calls);
  await clock.advance(2 * leaseInMs);
  expect(semaphores.map(({ available }) => available)).toEqual([permits, permits, permits]);
  for (const held of holds) expect(held.held).toBe(false);
  for (const member of members) member.close();
  await settle();
  expect([clock.pendingTimers, errors, problems]).toEqual([0, [], []]);
}

describe('there are never more holders than permits, and nobody waits in vain', () => {
  it.each([1, 2])(
    'whatever becomes of proposals, leaders, members and callers: %i',
    (permits) =>
      fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 80, size: 'max' }),
          fc.array(fate, { maxLength: 40, size: 'max' }),
          (steps, path) => run(permits, steps, path),
        ),
        { numRuns: 100 },
      ),
    60_000,
  );
});

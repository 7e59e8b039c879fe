import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../src/errors.js';
import type { HamokQueue, HeldItem } from '../src/index.js';
import { QueueState } from '../src/queue/queue-state.js';
import { type Fate, settle } from '../src/testing/index.js';
import { bytesOf, startGrid } from './grid.js';
import { departure, fate, Misfortunes, misfortune } from './misfortunes.js';

const at = fc.nat(2);
const calls = [
  fc.record({ do: fc.constant('push' as const), at, count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constantFrom('pop' as const, 'wait' as const, 'take' as const), at }),
  fc.record({ do: fc.constantFrom('ack' as const, 'nack' as const), held: fc.nat(5) }),
  fc.record({ do: fc.constant('abort' as const), call: fc.nat(9) }),
];
const step = fc.oneof(
  { weight: 16, arbitrary: fc.oneof(...calls) },
  { weight: 1, arbitrary: fc.constant({ do: 'time' as const }) },
  { weight: 4, arbitrary: misfortune },
);
const stepOrDeparture = fc.oneof({ weight: 6, arbitrary: step }, { weight: 1, arbitrary: departure });
type Step = typeof stepOrDeparture extends fc.Arbitrary<infer S> ? S : never;

/** Drives queues on three members through the steps, and notes who got what. */
async function run(steps: readonly Step[], path: readonly Fate[]) {
  const { grid, clock, members, errors } = await startGrid(3);
  const queues = members.map((each) => each.createQueue<number>({ queueId: 'q', requestTimeoutInMs: 1e9 }));
  await Promise.all(queues.map(({ ready }) => ready));
  const misfortunes = new Misfortunes(grid, path);
  let next = 0;
  const pushed: number[] = [];
  const got: number[] = [];
  const acked: number[] = [];
  const held: HeldItem<number>[] = [];
  const aborts: AbortController[] = [];
  /** Calls of members that left, of which nobody knows what they did. */
  let unknown = 0;
  const open: Promise<unknown>[] = [];
  let waiting = 0;
  const countWaiting = async <T>(wait: Promise<T>): Promise<T> => {
    waiting++;
    return wait.finally(() => waiting--);
  };
  const note = (promise: Promise<unknown>) => open.push(promise.catch((error: unknown) => lost(error)));
  const lost = (error: unknown) => {
    if (codeOf(error) === 'indeterminate') unknown++;
    else expect(codeOf(error)).toBe('not-committed');
  };
  const queue = (position: number): HamokQueue<number> => queues[position] ?? expect.fail();

  for (const [position, each] of steps.entries()) {
    const controller = new AbortController();
    switch (each.do) {
      case 'push': {
        const items = Array.from({ length: each.count }, () => next++);
        note(
          queue(each.at)
            .push(...items)
            .then(() => pushed.push(...items)),
        );
        break;
      }
      case 'pop':
      case 'wait': {
        const { signal } = controller;
        aborts.push(controller);
        const popped =
          each.do === 'pop' ? queue(each.at).pop({ signal }) : countWaiting(queue(each.at).pop({ wait: true, signal }));
        note(popped.then((item) => item !== undefined && got.push(item)));
        break;
      }
      case 'take':
        aborts.push(controller);
        note(
          countWaiting(queue(each.at).take({ signal: controller.signal, visibilityTimeoutInMs: 5000 })).then((item) =>
            held.push(item),
          ),
        );
        break;
      case 'ack': {
        const item = held.splice(each.held % Math.max(1, held.length), 1)[0];
        if (item !== undefined) note(item.ack().then((isHeld) => isHeld && acked.push(item.item)));
        break;
      }
      case 'nack': {
        const item = held.splice(each.held % Math.max(1, held.length), 1)[0];
        if (item !== undefined) note(item.nack(each.held));
        break;
      }
      case 'abort':
        aborts[each.call]?.abort();
        break;
      case 'time':
        await clock.advance(700);
        break;
      default:
        await misfortunes.happen(each);
    }
    if (position % 3 === 0) await settle();
  }
  await misfortunes.end(clock, 10_000);
  const state = members[0]?.machine.storage('q');
  const known = state instanceof QueueState ? state.waiters.size : expect.fail();
  const forgotten = waiting - known;
  for (const abort of aborts) abort.abort();
  await clock.advance(30_000);
  await Promise.all(open);
  const left: number[] = [];
  for (const item of held) expect(await item.ack()).toBe(false);
  for (let item = await queue(0).pop(); item !== undefined; item = await queue(0).pop()) left.push(item);
  const snapshots = await Promise.all(members.map(({ machine }) => bytesOf(machine.snapshot())));
  for (const each of members) each.close();
  return { pushed, got, acked, left, unknown, snapshots, clock, errors, next, forgotten };
}

type Outcome = Awaited<ReturnType<typeof run>>;

function check(
  { pushed, got, acked, left, unknown, snapshots, clock, errors, next, forgotten }: Outcome,
  mayLose: boolean,
) {
  const taken = [...got, ...acked, ...left];
  expect(new Set(taken).size).toBe(taken.length);
  for (const item of taken) expect(item).toBeLessThan(next);
  const missing = pushed.filter((item) => !taken.includes(item));
  expect(missing.length).toBeLessThanOrEqual(mayLose ? unknown : 0);
  for (const snapshot of snapshots) expect(snapshot).toEqual(snapshots[0]);
  // Whoever waits is known to the grid, and the grid knows nobody else.
  expect(forgotten).toBe(0);
  expect(clock.pendingTimers).toBe(0);
  expect(errors).toEqual([]);
}

const numRuns = 150;

describe('each item has exactly one taker that learns of it', () => {
  it('whatever becomes of proposals and leaders, snapshots, and callers that give up', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.array(fate, { maxLength: 40 }), async (steps, path) =>
        check(await run(steps, path), false),
      ),
      { numRuns },
    ));

  it('when members leave and return, but for what a member popped and did not live to see', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(stepOrDeparture, { maxLength: 40 }),
        fc.array(fate, { maxLength: 20 }),
        async (steps, path) => check(await run(steps, path), true),
      ),
      { numRuns },
    ));

  it('may have cost an item where the queue is closed before the grid agreed that a wait has it', async () => {
    const { grid, members } = await startGrid(1);
    const queue = members[0]?.createQueue<number>({ queueId: 'q' }) ?? expect.fail();
    await queue.ready;
    const waits = [queue.pop({ wait: true }), queue.pop({ wait: true })];
    const endings = waits.map((wait) => wait.catch((error: unknown) => error));
    await settle();
    grid.holding = true;
    const push = queue.push(1);
    await settle();
    grid.commit();
    await push;
    await settle();
    queue.close();
    expect(await Promise.all(endings)).toMatchObject([
      { code: 'closed', mayHaveHappened: true },
      { code: 'closed', mayHaveHappened: false },
    ]);
  });
});

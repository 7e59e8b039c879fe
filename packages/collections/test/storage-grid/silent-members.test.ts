import { describe, expect, it } from 'vitest';
import type { Collections, FederatedStorage, SeparatedStorage } from '../../src/index.js';
import { gridOfStorages, homeOf } from '../grid-of-storages.js';

const separated = (count: number) =>
  gridOfStorages(count, (member: Collections) =>
    member.createSeparatedStorage<string, number>({ storageId: 's', backups: 1 }),
  );

const federated = (count: number) =>
  gridOfStorages(count, (member: Collections) =>
    member.createFederatedStorage<string, number>({ storageId: 'f', merge: (all) => Math.max(...all) }),
  );

type Grid = Awaited<ReturnType<typeof separated>>['grid'];

/** It neither hears nor says anything from now on. */
function freeze(grid: Grid, member: string): void {
  grid.copiesOfFrame = (from, to) => (from === member || to === member ? 0 : 1);
}

interface Outcome {
  readonly error?: unknown;
  readonly value?: unknown;
  readonly afterInMs?: number;
}

/** What became of a call, and when. */
function outcomeOf(call: Promise<unknown>, clock: { now(): number }): Outcome {
  const begun = clock.now();
  const outcome: Outcome = {};
  const ended = (how: object): void => void Object.assign(outcome, how, { afterInMs: clock.now() - begun });
  call.then(
    (value) => ended({ value }),
    (error) => ended({ error }),
  );
  return outcome;
}

const missing = (...members: string[]) =>
  expect.objectContaining({ code: 'missing-members', members, mayHaveHappened: true });

describe('a change whose copies a silent member should keep', () => {
  const changes: [name: string, change: (storage: SeparatedStorage<string, number>) => Promise<unknown>][] = [
    ['set', (storage) => storage.set('k', 2)],
    ['setAll', (storage) => storage.setAll(Array.from({ length: 50 }, (_, n) => [`k-${n}`, n]))],
    ['insertAll', (storage) => storage.insertAll(Array.from({ length: 50 }, (_, n) => [`new-${n}`, n]))],
    ['delete', (storage) => storage.delete('k')],
    ['evictAll', (storage) => storage.evictAll(['k'])],
  ];

  it.each(changes)('ends in its time for who asks the holder, and names that member: %s', async (_, change) => {
    const { grid, clock, at, now } = await separated(3);
    await now(at(2).set('k', 1));
    await now(at(2).setAll(Array.from({ length: 50 }, (_, n) => [`k-${n}`, 0])));
    freeze(grid, 'b@1');
    const outcome = outcomeOf(change(at(0)), clock);
    await clock.advance(8000);
    expect(outcome.error).toEqual(missing('b'));
    expect(outcome.afterInMs).toBeLessThanOrEqual(7500);
  });

  it('ends in its time for the holder itself, and names that member', async () => {
    const { grid, clock, at, now } = await separated(3);
    await now(at(0).set('k', 1));
    freeze(grid, 'b@1');
    const outcome = outcomeOf(at(0).set('k', 2), clock);
    await clock.advance(6000);
    expect(outcome).toEqual({ error: missing('b'), afterInMs: 5000 });
    expect(at(0).localGet('k')).toBe(2);
  });

  it('has the time that its caller gives it, and is done where the member comes back', async () => {
    const { grid, clock, at, now } = await separated(3);
    await now(at(2).set('k', 1));
    freeze(grid, 'b@1');
    const long = outcomeOf(at(0).set('k', 2, { timeoutInMs: 30_000 }), clock);
    await clock.advance(20_000);
    expect(long).toEqual({});
    grid.copiesOfFrame = () => 1;
    await clock.advance(4000);
    expect(long.value).toBe(1);
  });

  it('is not told to be missing to who stops waiting early, nor to who aborts', async () => {
    const { grid, clock, at, now } = await separated(3);
    await now(at(0).set('k', 1));
    freeze(grid, 'b@1');
    const abort = new AbortController();
    const aborted = outcomeOf(at(0).set('k', 2, { signal: abort.signal }), clock);
    await clock.advance(4000);
    abort.abort('enough');
    await clock.advance(0);
    expect(aborted.error).toMatchObject({ code: 'indeterminate', cause: 'enough' });
    const read = outcomeOf(at(0).size({ signal: abort.signal, onMissing: () => expect.fail() }), clock);
    await clock.advance(0);
    expect(read.error).toMatchObject({ code: 'unavailable', cause: 'enough' });
  });

  it('goes on for as long as the member keeps acknowledging, however slowly', async () => {
    const { grid, clock, at, now } = await separated(3);
    const entries = Array.from({ length: 40 }, (_, n) => [`k-${n}`, n] as const).filter(
      ([key]) => homeOf(key, 3) !== 'b@1',
    );
    await now(at(2).setAll(entries.map(([key]) => [key, -1])));
    // One frame in one and a half seconds comes from the holder to its keeper.
    let next = clock.now();
    grid.copiesOfFrame = (from, to) => {
      if (from !== 'c@1' || to !== 'b@1') return 1;
      if (clock.now() < next) return 0;
      next = clock.now() + 1500;
      return 1;
    };
    // Each in a turn of its own: they go to the keeper in frames of their own.
    const outcomes: Outcome[] = [];
    for (const [key, value] of entries.slice(0, 6)) {
      outcomes.push(outcomeOf(at(0).set(key, value), clock));
      await clock.advance(1);
    }
    await clock.advance(40_000);
    expect(outcomes.map(({ value }) => value)).toEqual(outcomes.map(() => -1));
    expect(Math.max(...outcomes.map(({ afterInMs = 0 }) => afterInMs))).toBeGreaterThan(5000);
  });
});

describe('a version whose copies a silent member should keep', () => {
  const changes: [name: string, change: (storage: FederatedStorage<string, number>) => Promise<unknown>][] = [
    ['set', (storage) => storage.set('k', 2)],
    ['update', (storage) => storage.update('k', (own = 0) => own + 1)],
    ['setAll', (storage) => storage.setAll(Array.from({ length: 50 }, (_, n) => [`k-${n}`, n]))],
  ];

  it.each(changes)('is written in its time, or that member is named: %s', async (_, change) => {
    const { grid, clock, at } = await federated(3);
    freeze(grid, 'b@1');
    const outcome = outcomeOf(change(at(0)), clock);
    await clock.advance(6000);
    expect(outcome).toEqual({ error: missing('b'), afterInMs: 5000 });
  });
});

describe('a call that asks all members, of whom one is silent', () => {
  it('ends in its time, though others say that they work on it, and names that one', async () => {
    const { grid, clock, at, now } = await separated(3);
    await now(Promise.all([0, 1, 2].map((i) => at(i).setAll([0, 1, 2, 3].map((n) => [`${i}-${n}`, n])))));
    freeze(grid, 'b@1');
    const outcome = outcomeOf(at(0).clear(), clock);
    await clock.advance(8000);
    expect(outcome.error).toEqual(missing('b'));
    expect(outcome.afterInMs).toBeLessThanOrEqual(7500);
  });

  it('names that one, and not who answers nothing because of it', async () => {
    const { grid, clock, at, now } = await separated(4);
    await now(Promise.all([0, 1, 2, 3].map((i) => at(i).set(`${i}`, i))));
    // One answers here, but is not heard by another, which waits to be told of everything.
    grid.copiesOfFrame = (from, to) => (from === 'b@1' && to === 'c@1' ? 0 : 1);
    grid.leave('d@1');
    await clock.advance(500);
    const parts: unknown[] = [];
    const reads = [at(0).size(), at(0).keys(), at(0).size({ onMissing: (ids) => parts.push(ids) })];
    const outcomes = reads.map((call) => outcomeOf(call, clock));
    await clock.advance(8000);
    const unread = { code: 'missing-members', members: ['b'], mayHaveHappened: false };
    expect(outcomes.map(({ error }) => error)).toMatchObject([unread, unread, undefined]);
    expect(parts).toEqual([['c']]);
    for (const { afterInMs } of outcomes) expect(afterInMs).toBeLessThanOrEqual(7500);
  });
});

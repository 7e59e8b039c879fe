import { describe, expect, it } from 'vitest';
import type { Collections } from '../../src/index.js';
import { gridOfStorages, homeOf } from '../grid-of-storages.js';

const sum = (versions: readonly number[]): number => versions.reduce((total, version) => total + version, 0);

const separated = (count: number, options: { readonly backups?: number } = {}) =>
  gridOfStorages(count, (member: Collections) =>
    member.createSeparatedStorage<string, number>({ storageId: 's', ...options }),
  );

const federated = (count: number) =>
  gridOfStorages(count, (member: Collections) =>
    member.createFederatedStorage<string, number>({ storageId: 'f', merge: sum }),
  );

type Grid = Awaited<ReturnType<typeof separated>>['grid'];

/** It neither hears nor says anything from now on. */
function freeze(grid: Grid, member: string): void {
  grid.copiesOfFrame = (from, to) => (from === member || to === member ? 0 : 1);
}

/** Keys whose home is that member. */
function keysAt(member: string, members: number, count: number): string[] {
  return Array.from({ length: 200 }, (_, n) => `k-${n}`)
    .filter((key) => homeOf(key, members) === member)
    .slice(0, count);
}

/** What became of a call, as far as it is known. */
function outcomeOf(call: Promise<unknown>): { code?: unknown; value?: unknown } {
  const outcome: { code?: unknown; value?: unknown } = {};
  call.then(
    (value) => Object.assign(outcome, { value }),
    ({ code }) => Object.assign(outcome, { code }),
  );
  return outcome;
}

describe('a partial result', () => {
  it('is none where the time of a call ended before its turn: nobody was asked', async () => {
    const { grid, at, now, clock } = await separated(3);
    const [key = ''] = keysAt('b@1', 3, 1);
    await now(at(0).set('here', 1));
    freeze(grid, 'b@1');
    const waiting = at(0).set(key, 1, { timeoutInMs: 4000 });
    const missing: unknown[] = [];
    const options = { timeoutInMs: 1000, onMissing: (ids: readonly string[]) => missing.push(ids) };
    const calls = [at(0).size(options), at(0).keys(options), at(0).get(key, options), at(0).clear(options)];
    const outcomes = calls.map(outcomeOf);
    await clock.advance(1500);
    expect(outcomes.map(({ code }) => code)).toEqual(['unavailable', 'unavailable', 'unavailable', 'not-committed']);
    expect(missing).toEqual([]);
    await expect(now(waiting)).rejects.toMatchObject({
      code: 'missing-members',
      members: ['b'],
      mayHaveHappened: true,
    });
  });

  it('is none of versions either where nobody was asked', async () => {
    const { grid, at, now } = await federated(3);
    await now(Promise.all([0, 1, 2].map((i) => at(i).set('n', 10 ** i))));
    freeze(grid, 'b@1');
    const waiting = outcomeOf(at(0).deleteAll(['n'], { timeoutInMs: 4000 }));
    const onMissing = (): void => expect.fail();
    await expect(now(at(0).get('n', { timeoutInMs: 1000, onMissing }))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(now(at(0).delete('n', { timeoutInMs: 1000 }))).rejects.toMatchObject({ code: 'not-committed' });
    expect(waiting).toEqual({});
  });

  it("has this member's own part, and names who did not give theirs", async () => {
    const { grid, at, now } = await separated(3);
    await now(Promise.all([0, 1, 2].map((i) => at(i).setAll([0, 1].map((n) => [`${i}-${n}`, n])))));
    freeze(grid, 'b@1');
    const missing: unknown[] = [];
    const options = { timeoutInMs: 1000, onMissing: (ids: readonly string[]) => missing.push(ids) };
    expect(await now(at(0).size(options))).toBe(4);
    expect((await now(at(0).keys(options))).has('0-1')).toBe(true);
    expect(missing).toEqual([['b'], ['b']]);
  });

  it('is none while this member waits to be told of everything', async () => {
    const { grid, at, now, clock } = await separated(4);
    await now(at(0).set('here', 1));
    freeze(grid, 'b@1');
    await clock.advance(10);
    grid.leave('d@1');
    await clock.advance(10);
    const onMissing = (): void => expect.fail();
    await expect(now(at(0).size({ timeoutInMs: 1000, onMissing }))).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a read of all members', () => {
  it('holds up nothing behind it while a member does not answer', async () => {
    const { grid, at, now, clock } = await separated(3, { backups: 0 });
    const [key = ''] = keysAt('c@1', 3, 1);
    await now(
      at(0).setAll([
        ['here', 1],
        [key, 1],
      ]),
    );
    freeze(grid, 'b@1');
    const reads = [at(0).size(), at(0).keys(), at(0).isEmpty()].map(outcomeOf);
    expect(await now(at(0).get('here'), 10)).toBe(1);
    expect(await now(at(0).set(key, 2), 100)).toBe(1);
    expect(reads).toEqual([{}, {}, {}]);
    await clock.advance(6000);
    expect(reads.map(({ code }) => code)).toEqual(['missing-members', 'missing-members', 'missing-members']);
  });

  it('sees every change made before it, of all keys, and waits for no read', async () => {
    const { grid, at, now } = await separated(3);
    const [key = ''] = keysAt('b@1', 3, 1);
    const changes = [at(0).setAll([0, 1, 2, 3].map((n) => [`k-${n}`, n])), at(0).delete('k-0'), at(0).set('k-9', 9)];
    const size = at(0).size();
    await now(Promise.all(changes));
    expect(await now(size)).toBe(4);
    freeze(grid, 'b@1');
    void outcomeOf(at(0).get(key));
    expect(await now(at(0).size({ timeoutInMs: 500, onMissing: () => undefined }), 600)).toBe(4);
  });

  it('holds up nothing behind it that writes versions, and does not see them', async () => {
    const { grid, at, now } = await federated(3);
    await now(Promise.all([0, 1, 2].map((i) => at(i).set('n', 10 ** i))));
    freeze(grid, 'b@1');
    const onMissing = (): void => undefined;
    const before = at(0).get('n', { timeoutInMs: 1000, onMissing });
    void outcomeOf(at(0).set('n', 2));
    expect(at(0).localGet('n')).toBe(2);
    expect(await now(before)).toBe(101);
  });

  it('comes behind a clear, as all other calls do', async () => {
    const { at, now } = await separated(3);
    await now(at(0).set('k', 1));
    const calls = Promise.all([at(0).set('l', 1), at(0).clear(), at(0).size(), at(0).get('k'), at(0).size()]);
    expect(await now(calls)).toEqual([undefined, undefined, 0, undefined, 0]);
  });
});

describe('an insert of versions', () => {
  it('ends with its own time, or its signal, while it waits for its turn', async () => {
    const { grid, at, now } = await federated(3);
    freeze(grid, 'b@1');
    const waiting = outcomeOf(at(0).set('k', 1, { timeoutInMs: 9000 }));
    const unavailable = { code: 'not-committed', reason: 'unavailable' };
    await expect(now(at(0).insert('k', 2, { timeoutInMs: 500 }), 600)).rejects.toMatchObject(unavailable);
    await expect(now(at(0).restore('k', 2, { timeoutInMs: 500 }), 600)).rejects.toMatchObject(unavailable);
    await expect(now(at(0).insert('k', 2), 5100)).rejects.toMatchObject(unavailable);
    const abort = new AbortController();
    const aborted = at(0).insertAll([['k', 2]], { signal: abort.signal });
    abort.abort();
    await expect(now(aborted, 100)).rejects.toMatchObject(unavailable);
    expect(waiting).toEqual({});
  });

  it('has one time for what it asks and what it writes', async () => {
    let looked = (): void => undefined;
    const { grid, at, now, clock } = await gridOfStorages(3, (member: Collections) =>
      member.createFederatedStorage<string, number>({
        storageId: 'f',
        merge: (versions) => {
          looked();
          return sum(versions);
        },
      }),
    );
    await now(at(1).set('taken', 1));
    freeze(grid, 'b@1');
    const options = { timeoutInMs: 4000 };
    const entries = [
      ['taken', 2],
      ['new', 2],
    ] as const;
    await expect(now(at(0).insertAll(entries, options), 4100)).rejects.toMatchObject({
      code: 'missing-members',
      mayHaveHappened: false,
    });
    looked = () => freeze(grid, 'b@1');
    const inserted = at(0).insertAll(entries, options);
    await clock.advance(2000);
    grid.copiesOfFrame = () => 1;
    await expect(now(inserted, 2100)).rejects.toMatchObject({ code: 'indeterminate' });
    expect(at(0).localGet('new')).toBe(2);
  });
});

describe('a change on all members', () => {
  it('names who does not answer, not those who wait for its copies', async () => {
    const { grid, at, now } = await separated(3);
    await now(Promise.all([0, 1, 2].map((i) => at(i).setAll([0, 1, 2, 3].map((n) => [`${i}-${n}`, n])))));
    freeze(grid, 'b@1');
    const missing = { code: 'missing-members', members: ['b'], mayHaveHappened: true };
    await expect(now(at(0).clear({ timeoutInMs: 2000 }))).rejects.toMatchObject(missing);
    await expect(now(at(2).clear({ timeoutInMs: 5000 }))).rejects.toMatchObject(missing);
  });
});

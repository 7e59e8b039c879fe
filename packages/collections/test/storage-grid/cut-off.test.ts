import { describe, expect, it } from 'vitest';
import type { Collections, FederatedStorage, SeparatedStorage } from '../../src/index.js';
import { gridOfStorages } from '../grid-of-storages.js';

type Any = SeparatedStorage<string, number> | FederatedStorage<string, number>;

const kinds: [string, (member: Collections) => Any][] = [
  ['separated', (member) => member.createSeparatedStorage<string, number>({ storageId: 's' })],
  [
    'federated',
    (member) => member.createFederatedStorage<string, number>({ storageId: 's', merge: (all) => Math.max(...all) }),
  ],
  ['separated, without backups', (member) => member.createSeparatedStorage({ storageId: 's', backups: 0 })],
];
const separated = kinds[0]?.[1] ?? expect.fail();

type Grid = Awaited<ReturnType<typeof gridOfStorages<Any>>>['grid'];

/** They hear each other, and nothing of the log or of the rest. */
function cutOff(grid: Grid, minority: readonly string[]): void {
  grid.copiesOfFrame = (from, to) => (minority.includes(from) === minority.includes(to) ? 1 : 0);
  for (const id of minority) grid.member(id).paused = true;
}

/** What became of a call, as far as it is known. */
function outcomeOf(call: Promise<unknown>): { value?: unknown; code?: unknown; members?: unknown } {
  const outcome: { value?: unknown; code?: unknown; members?: unknown } = {};
  call.then(
    (value) => Object.assign(outcome, { value }),
    ({ code, members }) => Object.assign(outcome, { code, members }),
  );
  return outcome;
}

describe.each(kinds)('a minority that has all copies of an entry (%s)', (_, create) => {
  it('acknowledges nothing from the moment on at which the grid has removed it', async () => {
    const { grid, clock, at, now } = await gridOfStorages(7, create);
    grid.changeLeader('g@1');
    const minority = ['a@1', 'b@1', 'c@1'];
    const keys = Array.from({ length: 120 }, (_, n) => `k-${n}`);
    const [changed, deleted, fresh] = [0, 40, 80].map((from) => keys.slice(from, from + 40));
    await now(Promise.all([...(changed ?? []), ...(deleted ?? [])].map((key) => at(0).set(key, 1))));
    cutOff(grid, minority);
    for (const id of minority) grid.leave(id);
    await clock.advance(100);
    const writes = [...(changed ?? []), ...(fresh ?? [])].map((key) => at(0).set(key, 2));
    const outcomes = [...writes, ...(deleted ?? []).map((key) => at(0).delete(key))].map(outcomeOf);
    await clock.advance(70_000);
    expect(outcomes.filter((outcome) => 'value' in outcome)).toEqual([]);
    expect(outcomes.filter((outcome) => !('code' in outcome))).toEqual([]);
  });
});

describe('a member that the grid does not answer', () => {
  it('is named by who asked it for a change, which ends in its first time', async () => {
    const { grid, clock, at, now } = await gridOfStorages(7, separated);
    grid.changeLeader('g@1');
    await now(at(0).set('k', 1));
    grid.member('a@1').paused = true;
    grid.leave('f@1');
    const asked = outcomeOf(at(1).set('k', 2, { timeoutInMs: 4000 }));
    const own = outcomeOf(at(0).set('k', 3, { timeoutInMs: 4000 }));
    await clock.advance(4000);
    expect(asked).toEqual({ code: 'missing-members', members: ['a'] });
    expect(own).toEqual({ code: 'indeterminate', members: undefined });
  });

  it('acknowledges its changes once it does', async () => {
    const { grid, clock, at, now } = await gridOfStorages(7, separated);
    grid.changeLeader('g@1');
    await now(at(0).set('k', 1));
    grid.member('a@1').paused = true;
    grid.join('h@1');
    const change = outcomeOf(at(0).set('k', 2));
    await clock.advance(3000);
    expect(change).toEqual({});
    grid.member('a@1').paused = false;
    grid.member('a@1').deliver();
    await clock.advance(100);
    expect(change).toEqual({ value: 1 });
  });

  it('goes on where its entries are on a majority of the members: without them it cannot be removed', async () => {
    const { grid, clock, at, now } = await gridOfStorages(5, separated);
    await now(at(1).set('k', 1));
    grid.holding = true;
    grid.member('b@1').barrier = () => expect.fail();
    const change = outcomeOf(at(1).set('k', 2));
    await clock.advance(100);
    expect(change).toEqual({ value: 1 });
  });

  it('does not where it hears no leader: what it knows of the members may be old', async () => {
    const { grid, clock, at, now } = await gridOfStorages(5, separated);
    await now(at(1).set('k', 1));
    const cut = grid.member('b@1');
    const status = cut.status();
    let answer = (): void => expect.fail();
    cut.status = () => ({ ...status, leader: undefined });
    cut.barrier = () =>
      new Promise((resolve) => {
        answer = () => resolve(status.commit);
      });
    const change = outcomeOf(at(1).set('k', 2));
    await clock.advance(100);
    expect(change).toEqual({});
    answer();
    await clock.advance(0);
    expect(change).toEqual({ value: 1 });
  });

  it.each<[string, (storage: Any) => Promise<unknown>]>([
    ['change', (storage) => storage.set('k', 2)],
    ['deletion', (storage) => storage.delete('k')],
  ])('nor acknowledges a %s that began before that', async (_, change) => {
    const { grid, clock, at, now } = await gridOfStorages(5, separated);
    await now(at(1).set('k', 1));
    const cut = grid.member('b@1');
    grid.copiesOfFrame = (from) => (from === 'b@1' ? 0 : 1);
    const outcome = outcomeOf(change(at(1)));
    await clock.advance(100);
    const status = cut.status();
    let answer = (): void => expect.fail();
    cut.status = () => ({ ...status, leader: undefined });
    cut.barrier = () =>
      new Promise((resolve) => {
        answer = () => resolve(status.commit);
      });
    grid.copiesOfFrame = () => 1;
    await clock.advance(2500);
    expect(outcome).toEqual({});
    answer();
    await clock.advance(0);
    expect(Object.keys(outcome)).toEqual(['value']);
  });
});

import { describe, expect, it, vi } from 'vitest';
import type { Collections, FederatedStorage, SeparatedStorage } from '../../src/index.js';
import { hashOf } from '../../src/storage-grid/rendezvous.js';
import { participantId, View } from '../../src/storage-grid/view.js';
import { ids, startGrid } from '../grid.js';
import { gridOfStorages } from '../grid-of-storages.js';

const { mostCalls } = vi.hoisted(() => ({ mostCalls: 300 }));
// The bound is the same for each storage, and its number is none that a test can reach quickly.
vi.mock('../../src/storage-grid/most-calls.js', () => ({ mostCalls }));

/** Who takes part in a storage that five members joined one after another. */
const view = new View(
  0,
  ids.slice(0, 5).map((member, since) => {
    const id = participantId(member, since);
    return { id, member, since, hash: hashOf(id) };
  }),
);
const first = view.participants[0] ?? expect.fail();

/** Keys whose changes by the first member concern the last one, or do not. */
function keysThat(concernLast: boolean): string[] {
  return Array.from({ length: 400 }, (_, n) => `k-${n}`).filter((key) => {
    const slot = JSON.stringify(key);
    const concerned = [view.homeOf(slot), ...view.keepersOf(slot, first.id, 1)];
    return concerned.some(({ member }) => member === 'e@1') === concernLast;
  });
}

/** Makes calls that nobody waits for any more. */
function giveUp(
  count: number,
  call: (n: number, options: { signal: AbortSignal; timeoutInMs: number }) => Promise<unknown>,
) {
  const controllers: AbortController[] = [];
  for (let n = 0; n < count; n++) {
    const controller = new AbortController();
    controllers.push(controller);
    call(n, { signal: controller.signal, timeoutInMs: Number.POSITIVE_INFINITY }).catch(() => undefined);
  }
  return () => {
    for (const controller of controllers) controller.abort();
  };
}

const busy = (what: string) =>
  expect.objectContaining({ code: 'busy', mayHaveHappened: false, message: expect.stringContaining(what) });

describe('calls because of a member that is dead and not removed', () => {
  it('are refused when there are too many, and no others of a separated storage', async () => {
    const { grid, clock, at, now } = await gridOfStorages(
      5,
      (member: Collections): SeparatedStorage<string, number> => member.createSeparatedStorage({ storageId: 's' }),
    );
    const [dead, living] = [keysThat(true), keysThat(false)];
    const [key = '', other = ''] = living;
    await now(at(0).set(other, 0));
    grid.copiesOfFrame = (from, to) => (from === 'e@1' || to === 'e@1' ? 0 : 1);
    const abort = giveUp(mostCalls, (n, options) => at(0).set(dead[n % dead.length] ?? '', n, options));
    await expect(at(0).set(key, 1)).rejects.toMatchObject({ code: 'busy' });
    abort();
    await clock.advance(3000);

    await expect(at(0).set(dead[0] ?? '', 1)).rejects.toEqual(busy('wait for e, which is silent'));
    await expect(
      at(0).insertAll([
        [key, 1],
        [dead[0] ?? '', 1],
      ]),
    ).rejects.toEqual(busy('wait for e'));
    await expect(at(0).clear()).rejects.toEqual(busy('wait for e'));
    expect(await now(at(0).set(key, 1), 200)).toBeUndefined();
    expect(await now(at(0).set(other, 1), 200)).toBe(0);
    expect(await now(at(0).getAll([key, other]), 200)).toEqual(
      new Map([
        [key, 1],
        [other, 1],
      ]),
    );
    const missing: unknown[] = [];
    expect(await now(at(0).size({ timeoutInMs: 500, onMissing: (who) => missing.push(who) }))).toBeGreaterThan(1);
    expect(missing).toEqual([['e']]);

    grid.leave('e@1');
    await clock.advance(3000);
    expect(typeof (await now(at(0).set(dead[0] ?? '', 1)))).toBe('number');
    expect(await now(at(0).clear())).toBeUndefined();
  });

  it('are refused when there are too many, and no others of a federated storage', async () => {
    const { grid, clock, at, now } = await gridOfStorages(
      5,
      (member: Collections): FederatedStorage<string, number> =>
        member.createFederatedStorage({ storageId: 'f', merge: (all) => Math.max(...all) }),
    );
    grid.copiesOfFrame = (from, to) => (from === 'e@1' || to === 'e@1' ? 0 : 1);
    const keys = Array.from({ length: 40 }, (_, n) => `k-${n}`);
    const early = keys.map((key) =>
      at(0)
        .set(key, 1)
        .then(
          () => key,
          () => undefined,
        ),
    );
    await clock.advance(6000);
    const living = (await Promise.all(early)).flatMap((key) => key ?? []);
    const dead = keys.filter((key) => !living.includes(key));
    // Of each key only the one whose turn it is waits for its copies.
    for (let made = 0; made < mostCalls; made += dead.length) {
      giveUp(dead.length, (n, options) => at(0).set(dead[n] ?? '', n, options))();
      await clock.advance(0);
    }
    await clock.advance(1000);
    await expect(at(0).set(dead[0] ?? '', 1)).rejects.toEqual(busy('wait for e'));
    await expect(at(0).insert(dead[0] ?? '', 1)).rejects.toEqual(busy('wait for e'));
    expect(await now(at(0).set(living[0] ?? '', 2), 200)).toBe(1);
    const onMissing = (): void => undefined;
    expect(await now(at(0).get(living[0] ?? '', { timeoutInMs: 500, onMissing }))).toBe(2);
  });
});

it('refuses all calls where too many wait because of no member, until those are carried out', async () => {
  const { grid, clock, member } = await startGrid(1);
  grid.holding = true;
  // It takes no part yet.
  const storage = member(0).createSeparatedStorage<string, number>({ storageId: 's' });
  giveUp(mostCalls, (n, options) => storage.set(`k-${n}`, n, options))();
  await clock.advance(0);
  await expect(storage.get('k')).rejects.toMatchObject({ code: 'busy' });
  grid.holding = false;
  grid.commit();
  await clock.advance(2000);
  expect(await storage.set('k', 1)).toBeUndefined();
  expect(await storage.size()).toBe(1);
});

import { describe, expect, it } from 'vitest';
import { type Collections, createRichCodec } from '../../src/index.js';
import { gridOfStorages } from '../grid-of-storages.js';

const storages = (count: number, options: { readonly backups?: number } = {}) =>
  gridOfStorages(count, (member: Collections) =>
    member.createSeparatedStorage<string, number>({ storageId: 's', ...options }),
  );

describe('a separated storage', () => {
  it('keeps an entry on the member that set it, and lets any member read, write and delete it', async () => {
    const { at, now } = await storages(3);
    expect(await now(at(0).set('k', 1))).toBeUndefined();
    expect([at(0).localSize, at(1).localSize, at(2).localSize]).toEqual([1, 0, 0]);
    for (const position of [0, 1, 2]) expect(await now(at(position).get('k'))).toBe(1);
    expect(await now(at(2).set('k', 2))).toBe(1);
    expect([at(0).localGet('k'), at(2).localGet('k')]).toEqual([2, undefined]);
    expect(await now(at(1).insert('k', 9))).toBe(2);
    expect(await now(at(1).delete('k'))).toBe(true);
    for (const position of [0, 1, 2]) expect(await now(at(position).get('k'))).toBeUndefined();
    expect(await now(at(1).insert('k', 9))).toBeUndefined();
    expect(at(1).localGet('k')).toBe(9);
  });

  it('takes undefined for no key and no value, whatever a codec holds', async () => {
    const { members, now } = await storages(1);
    const [valueCodec, keyCodec] = [createRichCodec<number | undefined>(), createRichCodec<string | undefined>()];
    const storage = members[0]?.createSeparatedStorage({ storageId: 'rich', valueCodec, keyCodec }) ?? expect.fail();
    await expect(now(storage.set('k', undefined))).rejects.toMatchObject({ code: 'codec' });
    await expect(now(storage.insertAll([[undefined, 1]]))).rejects.toMatchObject({ code: 'codec' });
    await expect(now(storage.deleteAll([undefined]))).rejects.toMatchObject({ code: 'codec' });
    expect(await now(storage.size())).toBe(0);
  });

  it('counts, lists and clears over all members', async () => {
    const { at, now } = await storages(3);
    await now(Promise.all([0, 1, 2].map((i) => at(i).setAll(Array.from({ length: 50 }, (_, n) => [`${i}-${n}`, n])))));
    expect(await now(at(1).size())).toBe(150);
    expect((await now(at(2).keys())).size).toBe(150);
    const seen = new Map<string, number>();
    await now(
      (async () => {
        for await (const [key, value] of at(0)) seen.set(key, value);
      })(),
    );
    expect(seen.size).toBe(150);
    await now(at(1).clear());
    expect(await now(at(0).size())).toBe(0);
  });

  it('gives one new key to one member, however many insert it at once', async () => {
    const { at, now } = await storages(3);
    const results = await now(Promise.all([0, 1, 2].map((i) => at(i).insert('k', i))));
    const winner = results.indexOf(undefined);
    expect(results.filter((value) => value === undefined)).toHaveLength(1);
    expect(results.filter((value) => value !== undefined)).toEqual([winner, winner]);
    expect(at(winner).localGet('k')).toBe(winner);
  });

  it('restores the entries of a member that left, once', async () => {
    const { grid, at, now, clock } = await storages(3);
    await now(at(0).setAll(Array.from({ length: 200 }, (_, n) => [`k-${n}`, n])));
    grid.leave('a@1');
    await clock.advance(2000);
    expect(at(1).localSize + at(2).localSize).toBe(200);
    expect(await now(at(1).size())).toBe(200);
    for (const n of [0, 17, 199]) expect(await now(at(2).get(`k-${n}`))).toBe(n);
  });
});

describe('calls of one turn', () => {
  it('share their messages, and end apart: one that does not answer holds up only what concerns it', async () => {
    const { grid, at, now, clock } = await storages(5);
    const keys = Array.from({ length: 200 }, (_, n) => `k-${n}`);
    await now(at(0).setAll(keys.map((key) => [key, 0])));
    // Nothing reaches it any more.
    grid.member('e@1').receive = () => undefined;
    const done = new Set<string>();
    const calls = keys.map((key) =>
      at(1)
        .set(key, 1)
        .then(() => done.add(key)),
    );
    const outcomes = Promise.allSettled(calls);
    await clock.advance(1000);
    expect(done.size).toBeGreaterThan(40);
    expect(done.size).toBeLessThan(160);
    grid.leave('e@1');
    // Those that wait for a copy to be kept there go on; those that were sent there may have been made.
    const codes = (await now(outcomes)).map((one) => (one.status === 'rejected' ? one.reason.code : 'done'));
    expect(new Set(codes)).toEqual(new Set(['done', 'indeterminate']));
    expect(new Set((await now(at(2).getAll(done))).values())).toEqual(new Set([1]));
  });
});

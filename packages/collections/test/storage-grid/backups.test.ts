import { describe, expect, it } from 'vitest';
import type { Collections } from '../../src/index.js';
import { startGrid } from '../grid.js';

const kinds = {
  separated: (member: Collections, backups?: number) =>
    member.createSeparatedStorage<string, number>({ storageId: 's', ...(backups === undefined ? {} : { backups }) }),
  federated: (member: Collections, backups?: number) =>
    member.createFederatedStorage<string, number>({
      storageId: 's',
      merge: (versions) => Math.max(...versions),
      ...(backups === undefined ? {} : { backups }),
    }),
};

describe.each(Object.entries(kinds))('the backups of a %s storage', (_, create) => {
  it('are those of the first who takes part: another number is refused, and names both', async () => {
    const { clock, member } = await startGrid(3);
    const first = create(member(0), 2);
    await clock.advance(100);
    const other = create(member(1));
    const refused = { code: 'backups', asked: 1, found: 2, storageId: 's', mayHaveHappened: false };
    const [ready, call] = await Promise.allSettled([other.ready, other.get('k'), clock.advance(100)]);
    expect(ready).toMatchObject({ status: 'rejected', reason: refused });
    expect(call).toMatchObject({ status: 'rejected', reason: refused });
    await expect(other.set('k', 1)).rejects.toMatchObject(refused);
    expect(first.participants.memberIds).toEqual(['a']);

    void other.close();
    await clock.advance(100);
    const again = create(member(1), 2);
    await clock.advance(1000);
    expect(await again.ready).toBe(again);
    expect([...first.participants.memberIds].sort()).toEqual(['a', 'b']);
  });

  it('are decided by the log when two begin at once', async () => {
    const { clock, members } = await startGrid(3);
    const storages = members.map((member, at) => create(member, at));
    const outcomes = Promise.allSettled(storages.map(({ ready }) => ready));
    await clock.advance(1000);
    const refused = (await outcomes).flatMap((one, asked) => (one.status === 'rejected' ? [[asked, one.reason]] : []));
    expect(refused).toHaveLength(2);
    const [found] = [0, 1, 2].filter((asked) => refused.every(([other]) => other !== asked));
    for (const [asked, reason] of refused) expect(reason).toMatchObject({ code: 'backups', asked, found });
  });

  it('are free again when the last has left the storage, or the grid', async () => {
    const { grid, clock, member } = await startGrid(3);
    const [a, b] = [create(member(0), 2), create(member(1), 2)];
    await clock.advance(100);
    void a.close();
    await clock.advance(100);
    const early = create(member(2), 0);
    await Promise.allSettled([early.ready, clock.advance(100)]);
    await expect(early.ready).rejects.toMatchObject({ code: 'backups', asked: 0, found: 2 });
    void early.close();
    grid.leave('b@1');
    await clock.advance(100);
    const late = create(member(2), 0);
    await clock.advance(100);
    expect(await late.ready).toBe(late);
    expect(b.participants.memberIds).toEqual([]);
    const other = create(member(0), 2);
    await Promise.allSettled([other.ready, clock.advance(100)]);
    await expect(other.ready).rejects.toMatchObject({ asked: 2, found: 0 });
  });

  it('may be changed by who takes part alone, and anew', async () => {
    const { clock, member } = await startGrid(1);
    void create(member(0), 2).close();
    const again = create(member(0), 0);
    await clock.advance(100);
    expect(await again.ready).toBe(again);
  });

  it('are within a snapshot', async () => {
    const { grid, clock, member } = await startGrid(3);
    grid.member('c@1').paused = true;
    create(member(0), 2);
    await clock.advance(100);
    await grid.sendSnapshot('c@1');
    grid.member('c@1').paused = false;
    grid.changeLeader('c@1');
    const other = create(member(1), 1);
    const own = create(member(2), 2);
    await Promise.allSettled([other.ready, own.ready, clock.advance(1000)]);
    await expect(other.ready).rejects.toMatchObject({ asked: 1, found: 2 });
    expect(await own.ready).toBe(own);
    expect([...own.participants.memberIds].sort()).toEqual(['a', 'c']);
  });

  it('have to be a number that there can be', async () => {
    const { member } = await startGrid(1);
    for (const backups of [-1, 0.5, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY])
      expect(() => create(member(0), backups)).toThrow(expect.objectContaining({ code: 'option', field: 'backups' }));
  });
});

import { describe, expect, it } from 'vitest';
import { slotOf, splitSlot } from '../../src/federated-storage/versions.js';
import type { Collections } from '../../src/index.js';
import { gridOfStorages } from '../grid-of-storages.js';

const sum = (versions: readonly number[]): number => versions.reduce((total, version) => total + version, 0);

const storages = (count: number, options: { readonly backups?: number } = {}) =>
  gridOfStorages(count, (member: Collections) =>
    member.createFederatedStorage<string, number>({ storageId: 'f', merge: sum, ...options }),
  );

describe('a federated storage', () => {
  it('merges the versions of all writers, each once', async () => {
    const { at, now } = await storages(3, { backups: 2 });
    await now(Promise.all([at(0).set('k', 1), at(1).set('k', 10), at(2).set('k', 100)]));
    for (const i of [0, 1, 2]) expect(await now(at(i).get('k'))).toBe(111);
    expect(await now(at(1).set('k', 20))).toBe(10);
    expect(await now(at(0).get('k'))).toBe(121);
    expect(at(1).localGet('k')).toBe(20);
    expect(new Map(await now(at(2).versions('k')))).toEqual(
      new Map([
        ['a', 1],
        ['b', 20],
        ['c', 100],
      ]),
    );
    expect([await now(at(0).size()), [...(await now(at(2).keys()))]]).toEqual([1, ['k']]);
  });

  it('counts each update once, where calls overlap, and where the member is another writer when its turn comes', async () => {
    const { grid, clock, at, now } = await storages(3, { backups: 1 });
    const add = (): Promise<number> => at(2).update('k', (own = 0) => own + 1);
    expect(await now(Promise.all(Array.from({ length: 100 }, add)))).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
    expect([at(2).localGet('k'), await now(at(0).get('k'))]).toEqual([100, 100]);
    await expect(now(at(2).update('k', () => expect.fail('no change')))).rejects.toThrow('no change');
    expect(await now(at(0).get('k'))).toBe(100);
    await expect(now(at(2).update('k', () => undefined as never))).rejects.toMatchObject({ code: 'codec' });

    grid.copiesOfFrame = (from, to) => (from === 'c@1' || to === 'c@1' ? 0 : 1);
    const overlapping = Promise.allSettled([add(), add(), add()]);
    await clock.advance(100);
    await grid.reincarnate('c@1', 'c@2');
    grid.copiesOfFrame = () => 1;
    const counted = (await now(overlapping)).filter(({ status }) => status === 'fulfilled');
    await clock.advance(3000);
    expect(counted).toHaveLength(2);
    expect(await now(at(0).get('k'))).toBe(102);
  });

  it('keeps what a member wrote that left, once, with its backups', async () => {
    const { grid, clock, at, now } = await storages(4, { backups: 2 });
    await now(Promise.all([0, 1, 2, 3].map((i) => at(i).set('k', 10 ** i))));
    grid.leave('b@1');
    await clock.advance(3000);
    expect(await now(at(0).get('k'))).toBe(1111);
    grid.leave('c@1');
    await clock.advance(3000);
    for (const i of [0, 3]) expect(await now(at(i).get('k'))).toBe(1111);
    expect(await now(at(3).delete('k'))).toBe(true);
    expect(await now(at(0).get('k'))).toBeUndefined();
  });

  it('lets what a member wrote end with it where there are no backups, and says so', async () => {
    const { grid, clock, at, now } = await storages(3, { backups: 0 });
    const lost: unknown[] = [];
    for (const i of [0, 2]) at(i).incidents.on('lost', (keys, memberId) => lost.push([...keys, memberId]));
    await now(Promise.all([0, 1, 2].map((i) => at(i).set('k', 10 ** i))));
    grid.leave('b@1');
    await clock.advance(3000);
    expect(await now(at(0).get('k'))).toBe(101);
    expect(lost).toEqual([['k', 'b']]);
  });

  it('says whose versions are missing, and takes a part by choice', async () => {
    const { grid, at, now } = await storages(3);
    await now(Promise.all([0, 1, 2].map((i) => at(i).set('k', 10 ** i))));
    grid.copiesOfFrame = (from, to) => (from === 'c@1' || to === 'c@1' ? 0 : 1);
    await expect(now(at(0).get('k'))).rejects.toMatchObject({ code: 'missing-members', members: ['c'] });
    const missing: string[] = [];
    expect(await now(at(0).get('k', { onMissing: (ids) => missing.push(...ids) }))).toBe(11);
    expect(missing).toEqual(['c']);
  });

  it('rejects what its function throws', async () => {
    const { at, now } = await gridOfStorages(1, (member) =>
      member.createFederatedStorage<string, number>({
        storageId: 'f',
        merge: () => {
          throw new Error('no');
        },
      }),
    );
    await now(at(0).set('k', 1));
    await expect(now(at(0).get('k'))).rejects.toMatchObject({ code: 'merge', mayHaveHappened: false });
    await expect(now(at(0).delete('k'))).rejects.toMatchObject({ code: 'merge', mayHaveHappened: true });
    expect([await now(at(0).size()), at(0).localSize]).toEqual([0, 0]);
  });

  it('refuses functions that are asynchronous', async () => {
    const { at, now } = await gridOfStorages(1, (member) =>
      member.createFederatedStorage<string, unknown>({ storageId: 'f', merge: async () => Promise.reject('no') }),
    );
    const change = async (): Promise<never> => Promise.reject('no');
    await expect(now(at(0).update('k', change))).rejects.toMatchObject({ code: 'option', field: 'change' });
    expect(at(0).localGet('k')).toBeUndefined();
    await now(at(0).set('k', 1));
    const refused = { code: 'merge', cause: { code: 'option', field: 'merge' } };
    await expect(now(at(0).get('k'))).rejects.toMatchObject(refused);
    await expect(now(at(0).getAll(['k']))).rejects.toMatchObject(refused);
  });

  it('takes slots from other members that are none for nothing', () => {
    for (const slot of ['', '\0', '\0\u0005abcd', '\xff\xffa']) expect(splitSlot(slot)).toBeUndefined();
    expect(splitSlot(slotOf('a@1/3', 'key'))).toEqual({ writerId: 'a@1/3', key: 'key' });
  });
});

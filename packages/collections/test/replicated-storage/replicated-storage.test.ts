import { describe, expect, it } from 'vitest';
import { createJsonCodec, memoryStorage, type Storage } from '../../src/index.js';
import { bytesOf, startGrid, streamOf } from '../grid.js';

async function contentOf(storage: Storage<string, number>): Promise<Map<string, number>> {
  return new Map(await storage.getAll(await storage.keys()));
}

async function storages(count: number) {
  const grid = await startGrid(count);
  const own = grid.members.map((_, i) => memoryStorage<string, number>({ id: `own-${i}` }));
  const all = grid.members.map((member, i) => {
    const storage = own[i] ?? expect.fail();
    return member.createReplicatedStorage<string, number>({ storageId: 'r', storage });
  });
  await Promise.all(all.map(({ ready }) => ready));
  const at = (position: number) => all[position] ?? expect.fail();
  const ownOf = (position: number) => own[position] ?? expect.fail();
  return { ...grid, at, ownOf };
}

describe('a replicated storage', () => {
  it('holds every entry on every member, and in the storage of each', async () => {
    const { at, ownOf } = await storages(3);
    expect(await at(0).set('k', 1)).toBeUndefined();
    expect(await at(1).set('k', 2)).toBe(1);
    await Promise.all([0, 1, 2].map((i) => at(i).copied()));
    for (const i of [0, 1, 2]) {
      expect([await at(i).get('k'), at(i).localGet('k'), await ownOf(i).get('k')]).toEqual([2, 2, 2]);
    }
    await at(2).clear();
    await at(0).setAll([
      ['a', 1],
      ['b', 2],
    ]);
    await at(1).delete('a');
    await Promise.all([0, 1, 2].map((i) => at(i).copied()));
    for (const i of [0, 1, 2]) expect(await contentOf(ownOf(i))).toEqual(new Map([['b', 2]]));
  });

  it('lets one insert win over the whole grid', async () => {
    const { at } = await storages(3);
    const results = await Promise.all([0, 1, 2].map((i) => at(i).insert('k', i)));
    expect(results.filter((value) => value === undefined)).toHaveLength(1);
  });

  it('tells evictions and restores from other changes, on every member', async () => {
    const { at } = await storages(2);
    const seen: unknown[] = [];
    for (const event of ['created', 'deleted', 'evicted', 'restored'] as const)
      at(1).events.on(event, (...details) => void seen.push([event, details[0]]));
    await at(0).set('k', 1);
    await at(0).evict('k');
    await at(0).restore('k', 2);
    await at(0).delete('k');
    await at(1).keys();
    expect(seen).toEqual([
      ['created', 'k'],
      ['evicted', 'k'],
      ['restored', 'k'],
      ['deleted', 'k'],
    ]);
  });

  it('makes its own storage equal again after a snapshot, and after calls on it failed', async () => {
    const { grid, clock, at, ownOf, errors } = await storages(3);
    await at(0).setAll([
      ['a', 1],
      ['b', 2],
    ]);
    await at(2).copied();
    grid.member('c@1').paused = true;
    await at(0).set('a', 3);
    await at(0).delete('b');
    await grid.sendSnapshot('c@1');
    await at(2).copied();
    expect(await contentOf(ownOf(2))).toEqual(new Map([['a', 3]]));

    const own = ownOf(1);
    const { setAll } = own;
    let broken = true;
    own.setAll = (entries) => (broken ? Promise.reject(new Error('no connection')) : setAll.call(own, entries));
    await at(0).set('x', 1);
    await clock.advance(1000);
    await own.set('stray', 9);
    await at(0).set('y', 2);
    expect(errors.map(({ code }) => code)).toContain('storage-failed');
    broken = false;
    await clock.advance(30_000);
    await at(1).copied();
    expect(await contentOf(own)).toEqual(
      new Map([
        ['a', 3],
        ['x', 1],
        ['y', 2],
      ]),
    );
  });

  it('leaves what is in its own storage alone until it knows the entries of the grid, and while it has lost them', async () => {
    const { grid, clock, members } = await startGrid(2);
    grid.member('b@1').paused = true;
    const own = memoryStorage<string, number>({ id: 'own' });
    await own.setAll([
      ['saved', 1],
      ['both', 2],
    ]);
    const [a, b] = members;
    const storage = b?.createReplicatedStorage<string, number>({ storageId: 'r', storage: own }) ?? expect.fail();
    const other = a?.createReplicatedStorage<string, number>({ storageId: 'r' }) ?? expect.fail();
    await other.set('both', 3);
    await clock.advance(1000);
    let copied = false;
    const copying = storage.copied().then(() => {
      copied = true;
    });
    await clock.advance(1000);
    expect([copied, await contentOf(own)]).toEqual([
      false,
      new Map([
        ['saved', 1],
        ['both', 2],
      ]),
    ]);

    grid.member('b@1').paused = false;
    grid.member('b@1').deliver();
    await storage.ready;
    await copying;
    expect(await contentOf(own)).toEqual(new Map([['both', 3]]));

    const entries = await bytesOf(b?.machine.snapshot() ?? expect.fail());
    const origin = { index: -1, time: 0, members: grid.members };
    await b?.machine.restore(origin, streamOf());
    await clock.advance(1000);
    expect([storage.localSize, await contentOf(own)]).toEqual([0, new Map([['both', 3]])]);
    await b?.machine.restore({ ...origin, index: 10 }, streamOf(entries));
    await storage.copied();
    expect(await contentOf(own)).toEqual(new Map([['both', 3]]));
  });

  it('goes on where a value cannot be decoded that its own storage should have, and says so', async () => {
    const { members, clock, errors } = await startGrid(2);
    const json = createJsonCodec<number>();
    const decode = (bytes: Uint8Array): number =>
      json.decode(bytes) === 13 ? expect.fail('no such value') : json.decode(bytes);
    const own = members.map((_, i) => memoryStorage<string, number>({ id: `own-${i}` }));
    const [a, b] = members.map((member, i) =>
      member.createReplicatedStorage<string, number>({
        storageId: 'r',
        storage: own[i] ?? expect.fail(),
        valueCodec: { encode: json.encode, decode },
      }),
    );
    await Promise.all([a?.ready, b?.ready]);
    await a?.set('k', 13);
    await clock.advance(1000);
    expect(errors.map(({ code }) => code)).toContain('storage-failed');
    await a?.delete('k');
    await a?.set('other', 1);
    await clock.advance(30_000);
    await b?.copied();
    expect(await contentOf(own[1] ?? expect.fail())).toEqual(new Map([['other', 1]]));
  });
});

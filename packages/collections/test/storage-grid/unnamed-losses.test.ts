import { describe, expect, it } from 'vitest';
import type { Collections, SeparatedStorage } from '../../src/index.js';
import { startGrid } from '../grid.js';
import { gridOfStorages } from '../grid-of-storages.js';

const create = (member: Collections): SeparatedStorage<string, number> =>
  member.createSeparatedStorage<string, number>({ storageId: 's' });

/** What each member is told: who it was that may have had all copies, and which keys are known to be lost. */
function toldTo(all: readonly SeparatedStorage<string, number>[]) {
  return all.map((storage) => {
    const told = { unnamed: [] as string[], named: new Set<string>() };
    storage.incidents.on('lost-unnamed', (members) => told.unnamed.push(members.join('')));
    storage.incidents.on('lost', (keys) => keys.forEach((key) => void told.named.add(key)));
    return told;
  });
}

describe('entries that are lost with all who knew of them', () => {
  it('are told of by all who are left, those whose keys are known by these', async () => {
    const { grid, all, at, now, clock } = await gridOfStorages(7, create);
    const keys = Array.from({ length: 200 }, (_, n) => `k-${n}`);
    await now(at(6).setAll(keys.map((key) => [key, 1])));
    const told = toldTo(all.slice(0, 4));
    for (const id of ['e@1', 'f@1', 'g@1']) {
      grid.member(id).paused = true;
      grid.leave(id);
    }
    grid.copiesOfFrame = (from, to) => ([from, to].some((id) => 'efg'.includes(id.slice(0, 1))) ? 0 : 1);
    await clock.advance(2000);
    expect(told.map(({ unnamed }) => unnamed)).toEqual([['efg'], ['efg'], ['efg'], ['efg']]);
    const named = new Set(told.flatMap((each) => [...each.named]));
    const found = await now(at(0).getAll(keys));
    expect(keys.length - found.size).toBeGreaterThan(named.size);
    expect([...named].filter((key) => found.has(key))).toEqual([]);
  });

  it('are told of again when more go before the copies are in their places', async () => {
    const { grid, all, clock } = await gridOfStorages(7, create);
    const [told] = toldTo(all.slice(0, 1));
    grid.copiesOfFrame = () => 0;
    for (const id of ['e@1', 'f@1', 'g@1', 'd@1']) grid.leave(id);
    await clock.advance(1000);
    expect(told?.unnamed).toEqual(['efg', 'defg']);
  });

  it('are not told of where no more go than can have left one who knows', async () => {
    const { grid, all, clock } = await gridOfStorages(7, create);
    const told = toldTo(all);
    for (const id of ['f@1', 'g@1']) grid.leave(id);
    await clock.advance(2000);
    expect(told.flatMap(({ unnamed }) => unnamed)).toEqual([]);
  });

  it('are not told of where the copies were in their places between', async () => {
    const { grid, all, now, at, clock } = await gridOfStorages(7, create);
    await now(at(6).setAll(Array.from({ length: 50 }, (_, n) => [`k-${n}`, 1])));
    const told = toldTo(all);
    for (const id of ['g@1', 'f@1', 'e@1', 'd@1']) {
      grid.leave(id);
      await clock.advance(2000);
    }
    expect(told.flatMap(({ unnamed }) => unnamed)).toEqual([]);
    expect(await now(at(0).size())).toBe(50);
  });

  it('are told of by the one that is left, whatever the number of the others was', async () => {
    const { grid, all, now, at, clock } = await gridOfStorages(4, create);
    await now(at(1).set('k', 1));
    const [told] = toldTo(all.slice(0, 1));
    for (const id of ['b@1', 'c@1', 'd@1']) grid.leave(id);
    await clock.advance(100);
    expect(told?.unnamed).toEqual(['bcd']);
  });

  it('are told of by who was removed with all others that took part, and takes part again', async () => {
    const { grid, clock, members } = await startGrid(5);
    const all = members.slice(3).map(create);
    await Promise.all(all.map(({ ready }) => ready));
    await clock.advance(1000);
    const told = toldTo(all);
    for (const id of ['d@1', 'e@1']) grid.member(id).paused = true;
    for (const id of ['d@1', 'e@1']) grid.leave(id);
    for (const id of ['d@1', 'e@1']) grid.member(id).paused = false;
    await grid.reincarnate('d@1', 'd@2');
    await grid.reincarnate('e@1', 'e@2');
    await clock.advance(2000);
    expect(told.map(({ unnamed }) => unnamed)).toEqual([['de'], ['de']]);
    expect(all.map(({ participants }) => participants.memberIds)).toEqual([
      ['d', 'e'],
      ['d', 'e'],
    ]);
  });
});

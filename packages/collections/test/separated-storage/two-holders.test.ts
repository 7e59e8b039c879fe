import { expect, it } from 'vitest';
import { byteString } from '../../src/bytes/byte-string.js';
import type { Collections, SeparatedStorage } from '../../src/index.js';
import type { StorageMember } from '../../src/storage-grid/storage-member.js';
import { gridOfStorages, homeOf } from '../grid-of-storages.js';

type Numbers = SeparatedStorage<string, number>;

const keys = Array.from({ length: 60 }, (_, n) => `k-${n}`);
const separated = (member: Collections): Numbers => member.createSeparatedStorage({ storageId: 's' });
const encode = (value: unknown): string => byteString(new TextEncoder().encode(JSON.stringify(value)));

/** Holds keys without asking their homes, as no member does that keeps to the rules. */
function usurp(storage: Numbers, taken: readonly string[], value: number): Promise<void> {
  const { grid } = (storage as unknown as { readonly member: StorageMember }).member;
  const held = grid?.held ?? expect.fail();
  for (const key of taken) held.set(encode(key), encode(value));
  return held.spread(taken.map(encode));
}

/** What each member is told of conflicts: the key, who goes on, and who does not. */
function conflictsOf(storages: readonly Numbers[]): [key: string, kept: string, other: string][][] {
  return storages.map(({ incidents }) => {
    const told: [string, string, string][] = [];
    incidents.on('conflict', (...conflict) => told.push(conflict));
    return told;
  });
}

it('lets who was known first go on where two members hold a key, tells its home and the other one, and restores its copies', async () => {
  const { grid, clock, all, at, now } = await gridOfStorages(4, separated);
  const taken = keys.filter((key) => homeOf(key, 4) !== 'b@1');
  await now(at(0).setAll(taken.map((key) => [key, 1])));
  const told = conflictsOf(all);
  await now(usurp(at(1), taken, 2));
  await clock.advance(1000);

  for (const [member, conflicts] of told.entries()) {
    const concerned = member === 1 ? taken : taken.filter((key) => homeOf(key, 4) === grid.members[member]);
    expect(new Set(conflicts)).toEqual(new Set(concerned.map((key) => [key, 'a', 'b'])));
    expect(conflicts).toHaveLength(concerned.length);
  }
  expect(all.map(({ localSize }) => localSize)).toEqual([taken.length, 0, 0, 0]);
  for (const storage of all) expect(new Set((await now(storage.getAll(taken))).values())).toEqual(new Set([1]));

  grid.leave('a@1');
  await clock.advance(3000);
  const restored = await now(at(1).getAll(taken));
  expect([restored.size, ...new Set(restored.values())]).toEqual([taken.length, 1]);
});

it('lets the home of a key go on where that holds it itself', async () => {
  const { clock, all, at, now } = await gridOfStorages(3, separated);
  const taken = keys.filter((key) => homeOf(key, 3) === 'b@1');
  await now(at(0).setAll(taken.map((key) => [key, 1])));
  const told = conflictsOf(all);
  void usurp(at(1), taken, 2);
  await now(at(0).setAll(taken.map((key) => [key, 3])));
  await clock.advance(1000);
  const expected = new Set(taken.map((key) => [key, 'b', 'a']));
  expect(told.map((conflicts) => new Set(conflicts))).toEqual([expected, expected, new Set()]);
  expect(all.map(({ localSize }) => localSize)).toEqual([0, taken.length, 0]);
  expect(new Set((await now(at(2).getAll(taken))).values())).toEqual(new Set([2]));
});

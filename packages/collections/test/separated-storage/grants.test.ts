import { expect, it } from 'vitest';
import type { Collections } from '../../src/index.js';
import type { StorageMember } from '../../src/storage-grid/storage-member.js';
import { gridOfStorages, homeOf } from '../grid-of-storages.js';

const separated = (member: Collections) => member.createSeparatedStorage<string, number>({ storageId: 's' });

it('gives a key to others that was deleted in the very turn in which its holder was given it', async () => {
  const { at, now } = await gridOfStorages(3, separated);
  const key = Array.from({ length: 20 }, (_, n) => `k-${n}`).find((each) => homeOf(each, 3) === 'a@1') ?? expect.fail();
  const { grid } = (at(1) as unknown as { readonly member: StorageMember }).member;
  const held = grid?.held ?? expect.fail();
  const { write } = held;
  // As when somebody asks at that moment to delete it: others are told at the end of the turn, and then of the deletion alone.
  held.write = (slots, ...rest) => {
    held.write = write;
    held.write(slots, ...rest);
    for (const slot of slots) held.delete(slot);
    void held.spreadDeletion(slots);
  };
  await now(at(1).set(key, 1));
  expect(await now(at(0).get(key))).toBeUndefined();
  expect(await now(at(0).insert(key, 2))).toBeUndefined();
  expect(await now(at(2).get(key))).toBe(2);
});

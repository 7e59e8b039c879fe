import { expect, it } from 'vitest';
import type { Collections } from '../../src/index.js';
import { Confirmation } from '../../src/storage-grid/confirmation.js';
import { ManualClock, settle } from '../../src/testing/index.js';
import { gridOfStorages, homeOf } from '../grid-of-storages.js';

const separated = (member: Collections) => member.createSeparatedStorage<string, number>({ storageId: 's' });
const keys = Array.from({ length: 8000 }, (_, n) => `k-${n}`);

it('leaves no timer where a call waited to ask again', async () => {
  const { grid, clock, members, all, at } = await gridOfStorages(3, separated);
  const key = keys.find((one) => homeOf(one, 3) === 'c@1') ?? '';
  // The first does not learn that it may hold the key, which the second has to ask for again and again.
  grid.copiesOfFrame = (from, to) => (from === 'c@1' && to === 'a@1' ? 0 : 1);
  const calls = [at(0).set(key, 1), at(1).set(key, 2)];
  const ended = Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ code: 'closed' })));
  await clock.advance(1000);
  const closed = Promise.all(all.map((storage) => storage.close()));
  for (const member of members) member.close();
  await closed;
  await settle();
  expect(clock.pendingTimers).toBe(0);
  await ended;
});

it('leaves no timer where there was more to copy, or to tell of one who left, than is done in one turn', async () => {
  const { grid, clock, members, all, at, now } = await gridOfStorages(3, separated);
  await now(at(0).setAll(keys.map((key) => [key, 1])));
  await clock.advance(1000);
  grid.leave('a@1');
  grid.join('d@1');
  await settle();
  const closed = Promise.all(all.map((storage) => storage.close()));
  for (const member of members) member.close();
  await closed;
  await settle();
  expect(clock.pendingTimers).toBe(0);
});

it('leaves no timer where the grid could not say that it is one of its members', async () => {
  const clock = new ManualClock();
  const unavailable = () => Promise.reject(new Error('no leader'));
  const confirmation = new Confirmation(
    unavailable,
    () => 3,
    () => true,
    clock,
  );
  let confirmed = false;
  confirmation.ask(() => {
    confirmed = true;
  });
  await settle();
  expect([confirmed, clock.pendingTimers]).toEqual([false, 1]);
  confirmation.close();
  await settle();
  expect([confirmed, clock.pendingTimers]).toEqual([true, 0]);
});

import { MessageType } from '@hamok/messages';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Collections } from '../../src/index.js';
import { Streams } from '../../src/storage-grid/streams.js';
import { gridOfStorages } from '../grid-of-storages.js';

/*
 * More entries than are looked at in one turn of the event loop. Between two turns the clock has to move, so here other things happen
 * meanwhile.
 */
const keys = Array.from({ length: 3000 }, (_, n) => `k-${n}`);
const separated = (member: Collections) =>
  member.createSeparatedStorage<string, number>({ storageId: 's', backups: 2 });

/** Whatever does not need the clock to move. */
async function turn(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve();
}

it('keeps a change that is made while many entries are copied to a member that joined', async () => {
  const { grid, clock, at, now, make } = await gridOfStorages(2, separated);
  await now(at(0).setAll(keys.map((key) => [key, 1])));
  grid.join('c@1');
  const member = make('c@1');
  await member.start();
  const c = separated(member);
  await turn();
  expect(at(0).participants.memberIds).toHaveLength(3);
  expect(at(0).settled).toBe(false);
  const changed = at(0).setAll(keys.map((key) => [key, 2]));
  await turn();
  await now(changed);
  await clock.advance(5000);
  grid.leave('a@1');
  await clock.advance(5000);
  expect(new Set((await now(c.getAll(keys))).values())).toEqual(new Set([2]));
});

it('keeps a deletion that is made while a home is told of many entries of one who left', async () => {
  const { grid, clock, at, now } = await gridOfStorages(3, separated);
  await now(at(0).setAll(keys.map((key) => [key, 1])));
  grid.leave('a@1');
  await turn();
  const restored = [...at(1).localKeys()];
  expect(restored.length).toBeGreaterThan(0);
  const deleted = at(1).deleteAll(restored);
  await turn();
  await now(deleted);
  await clock.advance(5000);
  expect(await now(at(2).getAll(restored))).toEqual(new Map());
  expect(await now(at(2).size())).toBe(keys.length - restored.length);
});

it('copies each entry once that was restored', async () => {
  const { grid, clock, at, now } = await gridOfStorages(3, (member: Collections) =>
    member.createSeparatedStorage<string, number>({ storageId: 's' }),
  );
  const many = Array.from({ length: 6000 }, (_, n) => `k-${n}`);
  await now(at(0).setAll(many.map((key) => [key, 1])));
  const send = vi.spyOn(Streams.prototype, 'send');
  onTestFinished(() => send.mockRestore());
  grid.leave('a@1');
  await clock.advance(5000);
  expect(at(1).localSize + at(2).localSize).toBe(many.length);
  expect(at(1).stats.backups + at(2).stats.backups).toBe(many.length);
  const copied = send.mock.calls.flatMap(([, { type, keys }]) =>
    type === MessageType.UPDATE_ENTRIES_NOTIFICATION ? keys : [],
  );
  expect(copied).toHaveLength(many.length);
});

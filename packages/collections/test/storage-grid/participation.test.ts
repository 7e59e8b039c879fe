import { expect, it } from 'vitest';
import type { SeparatedStorage } from '../../src/index.js';
import { startGrid } from '../grid.js';

const options = { storageId: 's' };

/** They know of each other, and a change is acknowledged. */
async function takePart(
  storages: readonly SeparatedStorage<string, number>[],
  advance: (ms: number) => Promise<void>,
): Promise<void> {
  await advance(5000);
  for (const storage of storages) {
    expect([...storage.participants.memberIds].sort()).toEqual(['a', 'b', 'c']);
    const written = storage.set('k', 1);
    await advance(1000);
    await written;
    expect(storage.settled).toBe(true);
  }
}

it('takes part when the entry by which its member joins comes within a snapshot', async () => {
  const { grid, clock, members } = await startGrid(3);
  const storages = members.map((member) => member.createSeparatedStorage<string, number>(options));
  grid.member('c@1').paused = true;
  await clock.advance(1000);
  expect(storages[2]?.participants.epoch).toBe(-1);
  await grid.sendSnapshot('c@1');
  grid.member('c@1').paused = false;
  await takePart(storages, (ms) => clock.advance(ms));
});

it('takes part when its member left it, and joined again, within a snapshot', async () => {
  const { grid, clock, members, member } = await startGrid(3);
  const [a, b, c] = members.map((one) => one.createSeparatedStorage<string, number>(options));
  if (a === undefined || b === undefined || c === undefined) expect.fail();
  await takePart([a, b, c], (ms) => clock.advance(ms));
  grid.member('c@1').paused = true;
  void c.close();
  const again = member(2).createSeparatedStorage<string, number>(options);
  await clock.advance(1000);
  await grid.sendSnapshot('c@1');
  grid.member('c@1').paused = false;
  await takePart([a, b, again], (ms) => clock.advance(ms));
});

it('does not take part where it was closed before its member learned that it does', async () => {
  const { grid, clock, member } = await startGrid(2);
  const a = member(0).createSeparatedStorage<string, number>(options);
  await clock.advance(1000);
  grid.member('b@1').paused = true;
  const b = member(1).createSeparatedStorage<string, number>(options);
  await clock.advance(1000);
  const closed = b.close();
  await clock.advance(6000);
  await closed;
  grid.member('b@1').paused = false;
  grid.member('b@1').deliver();
  await clock.advance(1000);
  expect(b.participants).toEqual({ epoch: -1, memberIds: [] });
  expect(a.participants.memberIds).toEqual(['a']);
});

import { expect } from 'vitest';
import type { Collections } from '../src/index.js';
import { hashOf } from '../src/storage-grid/rendezvous.js';
import { participantId, View } from '../src/storage-grid/view.js';
import { ids, startGrid } from './grid.js';

/** A storage on each of so many members, on a clock that a test moves. */
export async function gridOfStorages<S extends { readonly ready: Promise<unknown> }>(
  count: number,
  create: (member: Collections) => S,
) {
  const grid = await startGrid(count);
  const all = grid.members.map(create);
  await Promise.all(all.map(({ ready }) => ready));
  await grid.clock.advance(1000);
  const at = (position: number): S => all[position] ?? expect.fail();
  /** Lets time pass until the promise is settled. */
  const now = async <T>(promise: Promise<T>, limitInMs = 20_000): Promise<T> => {
    let settled = false;
    const done = promise.finally(() => {
      settled = true;
    });
    done.catch(() => undefined);
    for (let ms = 0; !settled && ms < limitInMs; ms += 10) await grid.clock.advance(10);
    return settled ? done : expect.fail(`not settled within ${limitInMs} ms`);
  };
  return { ...grid, all, at, now };
}

/** The members in the order in which they come to keep a key, its home first, of a storage whose members all joined at first. */
export function rankingOf(key: string, members: number): string[] {
  return rankingOfParticipants(key, ids.slice(0, members).map(participantId));
}

/** The same where they joined as these participants. */
export function rankingOfParticipants(key: string, participants: readonly string[]): string[] {
  const found = participants.map((id) => {
    const [member = '', since] = id.split('/');
    return { id, member, since: Number(since), hash: hashOf(id) };
  });
  return new View(0, found).keepersOf(JSON.stringify(key), '', found.length).map(({ member }) => member);
}

/** The home of a key there. */
export function homeOf(key: string, members: number): string {
  return rankingOf(key, members)[0] ?? expect.fail();
}

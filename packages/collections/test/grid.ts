import { Collections, type CollectionsOptions, type HamokError } from '../src/index.js';
import { InMemoryGrid, ManualClock } from '../src/testing/index.js';

export const ids = ['a@1', 'b@1', 'c@1', 'd@1', 'e@1', 'f@1', 'g@1'];

/** Collections over a grid in memory, on a clock that stands still until it is advanced. */
export async function startGrid(count: number, options: Omit<CollectionsOptions, 'clock' | 'onError'> = {}) {
  const [first = 'a@1', ...others] = ids.slice(0, count);
  const clock = new ManualClock();
  const grid = new InMemoryGrid([first, ...others], clock);
  const errors: HamokError[] = [];
  const onError = (error: HamokError) => void errors.push(error);
  const make = (id: string) => new Collections(grid.member(id), { ...options, clock, onError });
  const members = grid.members.map(make);
  await Promise.all(members.map((member) => member.start()));
  const member = (position: number): Collections => {
    const found = members[position];
    if (found === undefined) throw new Error(`no member ${position}`);
    return found;
  };
  return { grid, clock, errors, members, member, make };
}

export async function bytesOf(data: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const bytes: number[] = [];
  for await (const chunk of data) bytes.push(...chunk);
  return Uint8Array.from(bytes);
}

export async function* streamOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

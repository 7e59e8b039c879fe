import type { Entry } from '@hamok/raft';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../src/random.js';
import { Disk } from '../src/world/disk.js';
import { EventQueue } from '../src/world/event-queue.js';

const born = { position: { index: -1, term: 0, time: 0 }, configuration: { voters: [], learners: [] }, digest: 0 };
const entry = (index: number, term: number): Entry => ({
  index,
  term,
  time: 0,
  kind: 'command',
  data: new Uint8Array(),
});
const positions = ({ entries }: Disk): string => entries.map(({ index, term }) => `${index}/${term}`).join(' ');
const done = (): void => {};

describe('disk', () => {
  test('a write replaces what is there from its first entry on', () => {
    const disk = new Disk(born, new EventQueue(), new SeededRandom(1), 0);
    disk.write({ entries: [entry(0, 1), entry(1, 1), entry(2, 1)], done });
    disk.write({ entries: [entry(1, 2)], done });
    expect(positions(disk)).toBe('0/1 1/2');
    expect([disk.holds(1, 2), disk.holds(1, 1), disk.holds(2, 1)]).toEqual([true, false, false]);
  });

  test('a snapshot takes the log behind it, and all of one that disagrees with it', () => {
    const disk = new Disk(born, new EventQueue(), new SeededRandom(1), 0);
    disk.write({ entries: [entry(0, 1), entry(1, 1), entry(2, 1)], done });
    disk.write({ snapshot: { ...born, position: { index: 1, term: 1, time: 0 } }, done });
    expect([positions(disk), disk.holds(0, 1)]).toEqual(['2/1', true]);
    disk.write({ snapshot: { ...born, position: { index: 2, term: 3, time: 0 } }, done });
    expect(positions(disk)).toBe('');
  });

  test('a crash keeps a first part of what was not synced, in order, and never says that it is done', () => {
    const kept = new Set<string>();
    for (let seed = 1; seed <= 30; seed++) {
      const queue = new EventQueue();
      const disk = new Disk(born, queue, new SeededRandom(seed), 10);
      const said: number[] = [];
      for (const index of [0, 1, 2]) disk.write({ entries: [entry(index, 1)], done: () => said.push(index) });
      const lost = disk.crash();
      while (queue.runNext(1000));
      expect([disk.entries.length + lost, said]).toEqual([3, []]);
      kept.add(positions(disk));
    }
    expect([...kept].sort()).toEqual(['', '0/1', '0/1 1/1', '0/1 1/1 2/1']);
  });
});

import { type Configuration, type Entry, type MemberId, RaftCore } from '@hamok/raft';
import * as hamok from 'hamok';
import { expect, test } from 'vitest';
import { Disk } from '../../src/grid/world/disk.js';
import { GridMember } from '../../src/grid/world/subject.js';
import { SeededRandom } from '../../src/random.js';
import { EventQueue } from '../../src/world/event-queue.js';

const base = { index: -1, term: 0, time: 0 };
const founders = ['a@1', 'b@1'];
const data = new Uint8Array();
const entries: Entry[] = [{ index: 0, term: 1, time: 0, kind: 'no-op', data }];

function coreOf(self: MemberId, configuration: Configuration, log: readonly Entry[] = entries): RaftCore {
  const encoder = { noOp: data, configuration: () => data };
  const appliedIndex = log.length - 1;
  return new RaftCore({ self, configuration, entries: log, appliedIndex, random: () => 0, encoder, now: 0 });
}

test('a disk tells of the member whose it is, and of one that was removed what it held last', () => {
  const queue = new EventQueue();
  const disk = new Disk(queue, new SeededRandom(1), 'always', 0, hamok);
  const log = disk.log((run) => run());
  const configuration = { voters: founders, learners: [] };
  const members = new Map<MemberId, GridMember>();
  const add = (self: MemberId, known: Configuration, on: Disk | undefined): GridMember => {
    const member = new GridMember(self, 'grid', coreOf(self, known), on, members);
    members.set(self, member);
    return member;
  };
  const member = add('a@1', configuration, disk);
  const owner = { member: member.id, gridId: 'grid', founders };
  void log.begin({ owner, base, configuration, hardState: { term: 1, vote: undefined }, entries });
  queue.runNext(1);
  expect([0, 1].map((index) => member.holds(index, 1))).toEqual([true, false]);
  void log.clear();
  queue.runNext(1);
  expect(member.holds(0, 1)).toBe(false);
  add('b@1', { voters: ['b@1'], learners: [] }, undefined);
  expect(member.holds(0, 1)).toBe(true);
});

test('one that was let in again before it heard that it was removed has gone by then, and shows what it held last', () => {
  const change = (index: number, learners: readonly MemberId[]): Entry => {
    const configuration = { voters: ['b@1'], learners };
    return { index, term: 1, time: 0, kind: 'configuration', data, configuration };
  };
  const disk = new Disk(new EventQueue(), new SeededRandom(1), 'always', 0, hamok);
  const isHeld = (log: readonly Entry[]): boolean => {
    const core = coreOf('a@1', { voters: ['b@1'], learners: ['a@1'] }, log);
    return new GridMember('a@1', 'grid', core, disk, new Map()).holds(0, 1);
  };
  expect(isHeld(entries)).toBe(false);
  expect(isHeld([...entries, change(1, []), change(2, ['a@1'])])).toBe(true);
});

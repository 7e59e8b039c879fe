import type { Message } from '@hamok/raft';
import { describe, expect, test } from 'vitest';
import { entries, entry } from './grid.js';
import { Solo } from './solo.js';

const append = { type: 'append-request', from: 'b', term: 3, commitIndex: -1, round: 0 } as const;
const answer = { type: 'append-response', from: 'b', rejectedIndex: -1, hintIndex: -1, hintTerm: 0, round: 0 } as const;
const chunk = {
  type: 'snapshot-request',
  from: 'b',
  term: 3,
  position: { index: 5, term: 2, time: 0 },
  configuration: { voters: ['a', 'b', 'c'], learners: [] },
  offset: 0,
  data: new Uint8Array(4),
  done: false,
} as const;

type Of<T extends Message['type']> = Omit<Extract<Message, { type: T }>, 'to'>;
type Bare<T> = T extends Message ? Omit<T, 'to'> : never;

/** What the core looks like after a message that is to be refused. */
function refused(solo: Solo, message: Bare<Message>): void {
  const { term, role } = solo.core;
  solo.step(message);
  expect(solo.core.counters.messagesRefused).toBe(1);
  expect(solo.core).toMatchObject({ term, role });
  expect(solo.sent()).toEqual([]);
}

describe('messages that no member which keeps the rules sends are dropped and counted', () => {
  test.each<[string, Partial<Of<'append-request'>>]>([
    ['a gap before its entries', { prevLogIndex: 0, prevLogTerm: 1, entries: entries([2], 2) }],
    ['a gap between its entries', { prevLogIndex: 0, prevLogTerm: 1, entries: [entry(1, 2), entry(3, 2)] }],
    ['an entry twice', { prevLogIndex: 0, prevLogTerm: 1, entries: [entry(1, 2), entry(1, 2)] }],
    ['terms that go back', { prevLogIndex: 0, prevLogTerm: 1, entries: entries([3, 2], 1) }],
    ['an entry of an earlier term than the one before', { prevLogIndex: 0, prevLogTerm: 2, entries: entries([1], 1) }],
    ['an entry of a later term than its own', { prevLogIndex: 0, prevLogTerm: 1, entries: entries([4], 1) }],
    ['a place of a later term than its own', { prevLogIndex: 0, prevLogTerm: 4, entries: [] }],
    ['a term before the first', { prevLogIndex: -1, prevLogTerm: 0, entries: [], term: -1 }],
  ])('an append with %s', (_, wrong) => {
    const solo = new Solo({ terms: [1] });
    const right = { ...append, prevLogIndex: 0, prevLogTerm: 1, entries: [] };
    refused(solo, { ...right, ...wrong });
    expect(solo.terms).toEqual([1]);
    solo.step({ ...right, entries: entries([1, 3], 1) });
    expect(solo.terms).toEqual([1, 1, 3]);
  });

  test.each<[string, Partial<Of<'snapshot-request'>>]>([
    ['of a later term than its own', { position: { index: 5, term: 4, time: 0 } }],
    ['of no place in it', { offset: -1 }],
  ])('a chunk of a snapshot %s', (_, wrong) => {
    const solo = new Solo();
    refused(solo, { ...chunk, ...wrong });
    solo.step(chunk);
    expect(solo.node.chunks).toHaveLength(1);
  });

  test('an answer that says more than the leader ever had, in its own term', () => {
    const solo = new Solo().becomeLeader();
    const says = (matchIndex: number): Of<'append-response'> => ({ ...answer, term: 1, success: true, matchIndex });
    refused(solo, says(1));
    solo.step(says(0));
    expect(solo.core.progress.get('b')?.matchIndex).toBe(0);
  });

  test('but not such an answer of another term, or to who leads no more, which may have had more', () => {
    const leader = new Solo({ term: 4 }).becomeLeader();
    leader.step({ ...answer, term: 4, success: true, matchIndex: 7 });
    const follower = new Solo({ term: 4 });
    follower.step({ ...answer, term: 4, success: true, matchIndex: 7 });
    expect([leader, follower].map(({ core }) => core.counters.messagesRefused)).toEqual([0, 0]);
  });
});

describe('a snapshot that comes in', () => {
  test('is coming from its first chunk until it is restored, or its leader is one no more', () => {
    const solo = new Solo({ terms: [1] });
    expect(solo.core.isReceiving).toBe(false);
    solo.step(chunk);
    expect(solo.core.isReceiving).toBe(true);
    solo.append('c', 4, [-1, 0], []);
    expect(solo.core.isReceiving).toBe(false);
    solo.step({ ...chunk, from: 'c', term: 4 });
    solo.step({ ...chunk, from: 'c', term: 4, offset: 4, done: true });
    expect([solo.core.isReceiving, solo.core.isInstalling]).toEqual([true, true]);
    solo.step({ type: 'vote-request', from: 'b', term: 9, lastLogIndex: 0, lastLogTerm: 0, transfer: true });
    expect(solo.core.isReceiving).toBe(true);
    solo.do((core, now) => core.snapshotInstalled(chunk.position, chunk.configuration, now));
    expect([solo.core.isReceiving, solo.core.isInstalling]).toEqual([false, false]);
  });

  test('is not, once as much is committed here', () => {
    const solo = new Solo({ terms: [1, 1, 1, 1, 1, 1] });
    solo.step(chunk);
    solo.append('b', 3, [5, 1], [], 5);
    expect(solo.core.log.commitIndex).toBe(5);
    expect(solo.core.isReceiving).toBe(false);
  });
});

describe('who is told to stand', () => {
  test('does not, where that does not come from its leader', () => {
    const solo = new Solo({ term: 3 }).append('b', 3, [-1, 0], []);
    solo.sent();
    solo.step({ type: 'timeout-now', from: 'c', term: 3 });
    expect(solo.core).toMatchObject({ role: 'follower', term: 3 });
    solo.step({ type: 'timeout-now', from: 'b', term: 3 });
    expect(solo.core).toMatchObject({ role: 'candidate', term: 4 });
  });

  test('does not, where it is no voter', () => {
    const solo = new Solo({ term: 3, configuration: { voters: ['b', 'c'], learners: ['a'] } });
    solo.append('b', 3, [-1, 0], []);
    solo.step({ type: 'timeout-now', from: 'b', term: 3 });
    expect(solo.core).toMatchObject({ role: 'follower', term: 3 });
  });
});

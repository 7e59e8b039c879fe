import type { Message } from '@hamok/raft';
import { describe, expect, test } from 'vitest';
import { Solo } from './solo.js';

type Bare<T> = T extends Message ? Omit<T, 'to'> : never;

/** One message of each type that carries its sender's term. */
function messagesOf(term: number): Bare<Message>[] {
  const from = 'b';
  const none = { matchIndex: -1, rejectedIndex: -1, hintIndex: -1, hintTerm: 0, round: 0 };
  return [
    { type: 'vote-request', from, term, lastLogIndex: -1, lastLogTerm: 0, transfer: false },
    { type: 'vote-response', from, term, granted: false },
    { type: 'pre-vote-response', from, term, granted: false },
    { type: 'append-request', from, term, prevLogIndex: -1, prevLogTerm: 0, entries: [], commitIndex: -1, round: 0 },
    { type: 'append-response', from, term, success: false, ...none },
    { type: 'snapshot-response', from, term, index: 0, offset: 0 },
    { type: 'read-index-request', from, term, context: 1 },
    { type: 'read-index-response', from, term, context: 1, index: undefined },
    { type: 'timeout-now', from, term },
  ];
}

describe('§5.1 terms', () => {
  test.each(messagesOf(7))('a member whose term is smaller than that of a $type adopts the larger one', (message) => {
    const { core } = new Solo({ terms: [1, 2] }).step(message);
    expect([core.term, core.role]).toEqual([7, 'follower']);
  });

  test('a candidate that discovers a higher term reverts to follower', () => {
    const solo = new Solo().becomeCandidate();
    solo.step({ type: 'vote-response', from: 'b', term: 5, granted: false });
    expect(solo.core).toMatchObject({ role: 'follower', term: 5, vote: undefined });
  });

  test('a leader that discovers a higher term reverts to follower', () => {
    const solo = new Solo().becomeLeader();
    solo.append('b', 5, [-1, 0], []);
    expect(solo.core).toMatchObject({ role: 'follower', term: 5, leader: 'b' });
  });

  test('a stale append is refused with the current term, so that a stale leader steps down', () => {
    const solo = new Solo({ terms: [1], term: 3 }).append('b', 2, [-1, 0], [2]);
    expect(solo.sent()).toMatchObject([{ type: 'append-response', to: 'b', term: 3, success: false }]);
    expect(solo.terms).toEqual([1]);
    const leader = new Solo().becomeLeader();
    leader.step({
      type: 'append-response',
      from: 'b',
      term: 3,
      success: false,
      matchIndex: -1,
      rejectedIndex: -1,
      hintIndex: -1,
      hintTerm: 0,
      round: -1,
    });
    expect(leader.core).toMatchObject({ role: 'follower', term: 3 });
  });

  test('a stale vote request is refused with the current term', () => {
    const solo = new Solo({ term: 3 });
    solo.step({ type: 'vote-request', from: 'b', term: 2, lastLogIndex: 9, lastLogTerm: 2, transfer: false });
    expect(solo.sent()).toMatchObject([{ type: 'vote-response', to: 'b', term: 3, granted: false }]);
  });

  test.each(messagesOf(2).filter(({ type }) => type.endsWith('response')))(
    'a stale $type changes nothing',
    (message) => {
      const solo = new Solo({ terms: [1, 3] }).becomeLeader();
      solo.step(message);
      expect(solo.sent()).toEqual([]);
      expect(solo.core).toMatchObject({ role: 'leader', term: 4 });
      expect(solo.core.progress.get('b')?.matchIndex).toBe(-1);
    },
  );

  test('a message for another incarnation, or from itself, changes nothing', () => {
    const { core } = new Solo();
    const request = { type: 'vote-request', term: 9, lastLogIndex: 9, lastLogTerm: 9, transfer: false } as const;
    core.step({ ...request, from: 'b', to: 'a@2' }, 0);
    core.step({ ...request, from: 'a', to: 'a' }, 0);
    expect(core.term).toBe(0);
    expect(core.ready()).toBeUndefined();
  });

  test('time never goes back', () => {
    const solo = new Solo();
    solo.do((core) => core.tick(1400));
    solo.do((core) => core.tick(0));
    solo.do((core) => core.tick(1499));
    expect(solo.core.role).toBe('follower');
    solo.do((core) => core.tick(1500));
    expect(solo.core.role).toBe('pre-candidate');
  });
});

import { describe, expect, test } from 'vitest';
import { Solo } from './solo.js';

/** A leader of five, whose entries up to 3 some acknowledged. */
function leaderOf(...holders: string[]): Solo {
  const solo = new Solo({ configuration: { voters: ['a', 'b', 'c', 'd', 'e'], learners: [] }, terms: [0, 0, 0] });
  solo.becomeLeader();
  for (const holder of holders) solo.match(holder, 3);
  return solo;
}

const stateOf = ({ core }: Solo, member: string): string | undefined => core.progress.get(member)?.state;

/** The last round that a member was sent. */
function roundTo(solo: Solo, member: string): number {
  const rounds = solo.sentOf('append-request').filter(({ to }) => to === member);
  return rounds.at(-1)?.round ?? -1;
}

function reject(solo: Solo, from: string, rejectedIndex: number, hintIndex: number, round: number): void {
  const { term } = solo.core;
  const hint = { hintIndex, hintTerm: 0 };
  solo.step({ type: 'append-response', from, term, success: false, matchIndex: -1, rejectedIndex, round, ...hint });
}

/** Rejects what it acknowledged, in answer to what it was sent before, and after that. */
function forget(solo: Solo, from: string): void {
  reject(solo, from, 3, 1, solo.core.progress.get(from)?.sentRound ?? 0);
  solo.tick(200);
  reject(solo, from, 3, 1, roundTo(solo, from));
}

describe('a follower that rejects what it acknowledged', () => {
  test('has forgotten, if it answers what was sent after the leader wondered', () => {
    const solo = leaderOf('b');
    reject(solo, 'b', 3, 1, 0);
    expect(stateOf(solo, 'b')).toBe('replicate');
    solo.tick(200);
    reject(solo, 'b', 3, 1, roundTo(solo, 'b'));
    expect(stateOf(solo, 'b')).toBe('forgetful');
    expect(solo.core.progress.get('b')?.matchIndex).toBe(-1);
  });

  test('only answers late, however often it answers what was sent before', () => {
    const solo = leaderOf('b');
    for (let i = 0; i < 3; i++) {
      reject(solo, 'b', 2, 1, 0);
      solo.tick(200);
    }
    expect(stateOf(solo, 'b')).toBe('replicate');
    expect(solo.core.progress.get('b')?.matchIndex).toBe(3);
  });

  test('only answers late, if it acknowledged that after the leader wondered', () => {
    const solo = leaderOf('b');
    reject(solo, 'b', 2, 1, 0);
    solo.tick(200);
    const round = roundTo(solo, 'b');
    solo.do((core, now) => core.propose(new Uint8Array(1), now));
    solo.match('b', 4, round);
    // It was sent when a message before it was lost, and comes when that has come.
    reject(solo, 'b', 4, 3, round);
    expect(stateOf(solo, 'b')).toBe('replicate');
  });

  test('does not count any more for what is not committed, nor for reads, nor as heard', () => {
    const solo = leaderOf('b');
    forget(solo, 'b');
    solo.match('c', 3);
    expect(solo.core.log.commitIndex).toBe(-1);
    solo.match('b', 3);
    expect(solo.core.log.commitIndex).toBe(-1);
    solo.match('d', 3);
    expect(solo.core.log.commitIndex).toBe(3);
    const heardAt = solo.core.progress.get('b')?.lastHeardAt;
    solo.tick(50);
    reject(solo, 'b', 3, 1, 9);
    expect(solo.core.progress.get('b')?.lastHeardAt).toBe(heardAt);
    expect(solo.core.progress.get('b')?.ackedRound).toBeLessThan(9);
  });

  test('is sent heartbeats alone, also where what it lacks is compacted', () => {
    const solo = leaderOf('b', 'c');
    forget(solo, 'b');
    solo.core.compact(solo.core.log.appliedIndex);
    solo.do((core, now) => core.propose(new Uint8Array(1), now));
    solo.sent();
    solo.tick(200);
    const sent = solo.sent().filter(({ to }) => to === 'b');
    expect(sent.map((message) => message.type === 'append-request' && message.entries.length)).toEqual([0]);
    expect(solo.node.snapshotsWanted).not.toContain('b');
    expect(stateOf(solo, 'b')).toBe('forgetful');
  });
});

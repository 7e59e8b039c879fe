import { describe, expect, test } from 'vitest';
import { entries, Grid, newCore } from './grid.js';
import { Solo } from './solo.js';

const voteRequest = (from: string, term: number, lastLogIndex: number, lastLogTerm: number, transfer = false) =>
  ({ type: 'vote-request', from, term, lastLogIndex, lastLogTerm, transfer }) as const;
const five = { configuration: { voters: ['a', 'b', 'c', 'd', 'e'], learners: [] } };

describe('§5.2 leader election', () => {
  test('members start as followers, and stay so while they hear from a leader', () => {
    const solo = new Solo();
    for (let heartbeat = 0; heartbeat < 50; heartbeat++) solo.append('b', 1, [-1, 0], []).tick(900);
    expect(solo.core).toMatchObject({ role: 'follower', term: 1, leader: 'b' });
  });

  test('a follower that hears nothing over an election timeout stands, after asking', () => {
    const solo = new Solo({ terms: [1, 1] }).tick(1499);
    expect(solo.core.role).toBe('follower');
    expect(solo.tick(1).core).toMatchObject({ role: 'pre-candidate', term: 1 });
    solo.becomeCandidate();
    expect(solo.core).toMatchObject({ role: 'candidate', term: 2, vote: 'a' });
  });

  test.each([
    [0, 1000],
    [0.25, 1250],
    [0.999, 1999],
  ])('the timeout is drawn from one to two idle times: %d makes %d ms', (random, timeout) => {
    const solo = new Solo({ random: () => random }).tick(timeout - 1);
    expect(solo.core.role).toBe('follower');
    expect(solo.tick(1).core.role).toBe('pre-candidate');
  });

  test('a candidate increments its term, votes for itself and asks every other voter', () => {
    const solo = new Solo({ terms: [1, 2], term: 4, configuration: { voters: ['a', 'b', 'c'], learners: ['d'] } });
    solo.do((core, now) => core.campaign(now));
    solo.sent();
    solo.step({ type: 'pre-vote-response', from: 'b', term: 5, granted: true });
    const request = { type: 'vote-request', term: 5, lastLogIndex: 1, lastLogTerm: 2, transfer: false };
    expect(solo.sent()).toMatchObject([
      { ...request, to: 'b' },
      { ...request, to: 'c' },
    ]);
  });

  test.each([
    [1, 'candidate'],
    [2, 'leader'],
  ])('of five voters, %d others and itself make a %s', (votes, role) => {
    const solo = new Solo(five).becomeCandidate();
    for (const from of ['b', 'c'].slice(0, votes)) solo.step({ type: 'vote-response', from, term: 1, granted: true });
    expect(solo.core.role).toBe(role);
  });

  test('one voter answering twice is one vote, and whoever is no voter has none', () => {
    const solo = new Solo({ configuration: { ...five.configuration, learners: ['l'] } }).becomeCandidate();
    for (const from of ['b', 'b', 'l', 'stranger']) solo.step({ type: 'vote-response', from, term: 1, granted: true });
    expect(solo.core.role).toBe('candidate');
  });

  test('a member votes for at most one candidate in a term, first come first served', () => {
    const solo = new Solo();
    for (const from of ['b', 'c', 'b']) solo.step(voteRequest(from, 1, -1, 0));
    expect(solo.sentOf('vote-response').map(({ to, granted }) => [to, granted])).toEqual([
      ['b', true],
      ['c', false],
      ['b', true],
    ]);
    expect(solo.core.vote).toBe('b');
  });

  test('a vote is kept over a restart', () => {
    const core = newCore({
      self: 'a',
      configuration: { voters: ['a', 'b', 'c'], learners: [] },
      hardState: { term: 3, vote: 'b' },
    });
    core.step({ ...voteRequest('c', 3, 5, 3), to: 'a' }, 0);
    expect(core.ready()?.messagesAfterPersist).toMatchObject([{ type: 'vote-response', to: 'c', granted: false }]);
  });

  test('a vote and a term leave only after they are durable', () => {
    const solo = new Solo();
    solo.node.diskHeld = true;
    solo.step(voteRequest('b', 1, -1, 0));
    expect(solo.sent()).toEqual([]);
    expect(solo.node.writes.map(({ hardState }) => hardState)).toEqual([{ term: 1, vote: 'b' }]);
    solo.node.releaseDisk();
    expect(solo.sent()).toMatchObject([{ type: 'vote-response', granted: true }]);
  });

  test('the winner sends to all others at once, to prevent new elections', () => {
    const solo = new Solo().becomeCandidate();
    solo.step({ type: 'vote-response', from: 'b', term: 1, granted: true });
    expect(solo.sentOf('append-request').map(({ to }) => to)).toEqual(['b', 'c']);
  });

  test('a candidate that hears a leader of its term follows it', () => {
    const solo = new Solo().becomeCandidate().append('b', 1, [-1, 0], []);
    expect(solo.core).toMatchObject({ role: 'follower', term: 1, leader: 'b' });
  });

  test('a candidate that hears a leader of an earlier term goes on', () => {
    const solo = new Solo({ term: 3 }).becomeCandidate().append('b', 3, [-1, 0], []);
    expect(solo.core).toMatchObject({ role: 'candidate', term: 4 });
  });

  test('a candidate that neither wins nor loses stands again in a later term', () => {
    const solo = new Solo().becomeCandidate().tick(1500);
    expect(solo.core.role).toBe('follower');
    solo.tick(500);
    expect(solo.core.role).toBe('pre-candidate');
    solo.becomeCandidate();
    expect(solo.core.term).toBe(2);
  });

  test('a leader sends heartbeats to whoever heard nothing for a while, and to nobody else', () => {
    const solo = new Solo().becomeLeader().match('b', 0).match('c', 0);
    solo.sent();
    solo.tick(60);
    solo.step({ type: 'read-index-request', from: 'b', term: 1, context: 1 });
    expect(solo.sentOf('append-request')).toHaveLength(2);
    expect(solo.tick(60).sentOf('append-request')).toHaveLength(0);
    expect(solo.tick(40).sentOf('append-request')).toHaveLength(2);
  });
});

describe('§5.4.1 election restriction', () => {
  test.each([
    { last: [2, 2], granted: true, why: 'the same log' },
    { last: [3, 2], granted: true, why: 'a longer log of the same last term' },
    { last: [1, 2], granted: false, why: 'a shorter log of the same last term' },
    { last: [0, 3], granted: true, why: 'a later last term, however short' },
    { last: [9, 1], granted: false, why: 'an earlier last term, however long' },
  ] as const)('$why: granted $granted', ({ last: [index, term], granted }) => {
    const solo = new Solo({ terms: [1, 1, 2] }).step(voteRequest('b', 9, index, term));
    expect(solo.sentOf('vote-response')).toMatchObject([{ granted }]);
    solo.tick(5000);
    expect(solo.core.vote).toBe(granted ? 'b' : undefined);
  });

  test("the request carries the last entry's term, not the candidate's", () => {
    const solo = new Solo({ terms: [1, 2], term: 7 });
    solo.do((core, now) => core.campaign(now));
    expect(solo.sentOf('pre-vote-request')[0]).toMatchObject({ term: 8, lastLogIndex: 1, lastLogTerm: 2 });
  });
});

describe('thesis §9.6 pre-vote', () => {
  const ask = (term: number, lastLogIndex = -1, lastLogTerm = 0) =>
    ({ type: 'pre-vote-request', from: 'b', term, lastLogIndex, lastLogTerm }) as const;

  test('a member that asks does not raise its term, nor does one that is asked', () => {
    const solo = new Solo({ term: 4 }).step(ask(5));
    expect(solo.sent()).toMatchObject([{ type: 'pre-vote-response', term: 5, granted: true }]);
    solo.do((core, now) => core.campaign(now));
    expect(solo.core).toMatchObject({ term: 4, vote: undefined });
  });

  test('asked by several, it says yes to all of them', () => {
    const solo = new Solo().step(ask(1)).step({ ...ask(1), from: 'c' });
    expect(solo.sentOf('pre-vote-response').map(({ granted }) => granted)).toEqual([true, true]);
  });

  test('it says no while it hears a leader, and yes when it has not for an idle time', () => {
    const solo = new Solo().append('c', 1, [-1, 0], []).tick(999).step(ask(2));
    expect(solo.sentOf('pre-vote-response')).toMatchObject([{ granted: false, term: 1 }]);
    solo.tick(1).step(ask(2));
    expect(solo.sentOf('pre-vote-response')).toMatchObject([{ granted: true, term: 2 }]);
  });

  test('a leader says no as long as it leads', () => {
    const solo = new Solo()
      .becomeLeader()
      .tick(999)
      .step(ask(2, 5, 1));
    expect(solo.sentOf('pre-vote-response')).toMatchObject([{ granted: false }]);
  });

  test('it says no to a log that is behind, and to a term that has been', () => {
    const solo = new Solo({ terms: [1, 2] }).step(ask(3, 0, 1)).step(ask(2, 5, 2));
    expect(solo.sentOf('pre-vote-response').map(({ granted }) => granted)).toEqual([false, false]);
  });

  test('a majority that says no ends the attempt, and yes to another term counts for nothing', () => {
    const solo = new Solo();
    solo.do((core, now) => core.campaign(now));
    solo.step({ type: 'pre-vote-response', from: 'b', term: 9, granted: true });
    expect(solo.core.role).toBe('pre-candidate');
    for (const from of ['b', 'c']) solo.step({ type: 'pre-vote-response', from, term: 0, granted: false });
    expect(solo.core.role).toBe('follower');
  });

  test('a member that missed a term learns it when it asks', () => {
    const solo = new Solo({ term: 2 });
    solo.do((core, now) => core.campaign(now));
    solo.step({ type: 'pre-vote-response', from: 'b', term: 6, granted: false });
    expect(solo.core).toMatchObject({ role: 'follower', term: 6 });
  });
});

describe('thesis §4.2.3, §6.2 leases and check-quorum', () => {
  test('a vote request is not even answered while a leader is heard', () => {
    const solo = new Solo().append('c', 1, [-1, 0], []);
    solo.sent();
    solo.tick(999).step(voteRequest('b', 2, 9, 1));
    expect([solo.sent(), solo.core.term]).toEqual([[], 1]);
    solo.tick(1).step(voteRequest('b', 2, 9, 1));
    expect(solo.sentOf('vote-response')).toMatchObject([{ granted: true, term: 2 }]);
  });

  test('unless the leader asked for the election itself', () => {
    const solo = new Solo().append('c', 1, [-1, 0], []).step(voteRequest('b', 2, 9, 1, true));
    expect(solo.sentOf('vote-response')).toMatchObject([{ granted: true, term: 2 }]);
  });

  test('a leader that hears from no majority for an idle time steps down; learners do not help it', () => {
    const configuration = { voters: ['a', 'b', 'c'], learners: ['l'] };
    const solo = new Solo({ configuration }).becomeLeader().tick(999).match('l', 0).tick(1);
    expect(solo.core.role).toBe('leader');
    solo.tick(999).match('l', 0).tick(1);
    expect(solo.core).toMatchObject({ role: 'follower', leader: undefined, term: 1 });
  });

  test('one that hears from a majority stays', () => {
    const solo = new Solo({ ...five }).becomeLeader();
    for (let i = 0; i < 20; i++) solo.match('b', 0).match('c', 0).tick(500);
    expect(solo.core.role).toBe('leader');
  });

  test('whoever may not stand never does: an observer, a learner, a stranger', () => {
    const grid = new Grid();
    const configuration = { voters: ['a', 'o'], learners: ['l'] };
    grid.add({ self: 'o', configuration, onlyFollower: true, entries: entries([1]) });
    grid.add({ self: 'l', configuration });
    grid.add({ self: 's', configuration: { voters: [], learners: [] } });
    for (let i = 0; i < 10; i++) grid.tick(1000);
    for (const id of ['o', 'l', 's']) grid.campaign(id);
    expect(grid.take()).toEqual([]);
    expect([...grid.nodes.values()].map(({ core }) => core.role)).toEqual(['follower', 'follower', 'follower']);
  });
});

import { describe, expect, test } from 'vitest';
import { bytes, encoder, entries, Grid, newCore } from './grid.js';
import { Solo } from './solo.js';

describe('§5.3 log replication', () => {
  test('the leader appends a command as a new entry of its term, and sends it to all others in the same turn', () => {
    const solo = new Solo({ terms: [1] }).becomeLeader().match('b', 1).match('c', 1);
    solo.sent();
    expect(solo.do((core, now) => core.propose(bytes('x'), now))).toBe(2);
    const entry = { index: 2, term: 2, kind: 'command', data: bytes('x') };
    expect(solo.sentOf('append-request')).toMatchObject([
      { to: 'b', prevLogIndex: 1, prevLogTerm: 2, entries: [entry] },
      { to: 'c', prevLogIndex: 1, prevLogTerm: 2, entries: [entry] },
    ]);
  });

  test('entries keep their own terms on the way', () => {
    const solo = new Solo({ terms: [1, 2, 2, 4] }).becomeLeader();
    const none = { matchIndex: -1, hintIndex: -1, hintTerm: 0, round: 0 };
    solo.step({ type: 'append-response', from: 'b', term: 5, success: false, rejectedIndex: 3, ...none });
    expect(solo.sentOf('append-request')[0]?.entries.map(({ term }) => term)).toEqual([1, 2, 2, 4, 5]);
  });

  test('an entry is committed once a majority holds it, with all before it, and is then applied in order', () => {
    const solo = new Solo({ terms: [1] }).becomeLeader();
    solo.do((core, now) => core.propose(bytes('x'), now));
    expect(solo.core.log.commitIndex).toBe(-1);
    solo.match('b', 2);
    expect(solo.core.log.commitIndex).toBe(2);
    expect(solo.node.applied.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  test('the next message tells the followers of it', () => {
    const solo = new Solo().becomeLeader().match('b', 0).match('c', 0);
    expect(solo.sentOf('append-request').map(({ to, commitIndex }) => [to, commitIndex])).toEqual([
      ['b', 0],
      ['c', 0],
    ]);
  });

  test('a follower commits and applies what its leader committed', () => {
    const solo = new Solo().append('b', 1, [-1, 0], [1, 1, 1], 1);
    expect(solo.core.log).toMatchObject({ lastIndex: 2, commitIndex: 1, appliedIndex: 1 });
  });

  test('and no further than the last entry that it verified', () => {
    const solo = new Solo({ terms: [1, 1, 1, 1] }).append('b', 2, [1, 1], [], 3);
    expect(solo.core.log.commitIndex).toBe(1);
  });

  test.each([
    { why: 'no entry there', prev: [3, 2] as const, hint: { hintIndex: 2, hintTerm: 2 } },
    { why: 'nor one of that term', prev: [3, 1] as const, hint: { hintIndex: 1, hintTerm: 1 } },
    { why: 'an entry of another term there', prev: [2, 1] as const, hint: { hintIndex: 1, hintTerm: 1 } },
  ])('a follower rejects entries that do not follow its log: $why', ({ prev: [index, term], hint }) => {
    const solo = new Solo({ terms: [1, 1, 2], term: 3 }).append('b', 3, [index, term], [3]);
    expect(solo.sent()).toMatchObject([{ type: 'append-response', success: false, rejectedIndex: index, ...hint }]);
    expect(solo.terms).toEqual([1, 1, 2]);
  });

  test.each([
    { sent: [0, 1] as const, terms: [2, 3], result: [1, 2, 3] },
    { sent: [-1, 0] as const, terms: [1], result: [1, 1, 2] },
    { sent: [-1, 0] as const, terms: [1, 1, 2], result: [1, 1, 2] },
    { sent: [2, 2] as const, terms: [3, 3], result: [1, 1, 2, 3, 3] },
    { sent: [-1, 0] as const, terms: [3], result: [3] },
  ])(
    'a conflict takes what follows with it, and an agreement nothing: $terms after $sent',
    ({ sent, terms, result }) => {
      const [index, term] = sent;
      const solo = new Solo({ terms: [1, 1, 2], term: 3 }).append('b', 3, [index, term], terms);
      expect(solo.terms).toEqual(result);
      expect(solo.sentOf('append-response')).toMatchObject([{ success: true, matchIndex: index + terms.length }]);
    },
  );

  test('what is replaced is handed out for persistence again, and its durability forgotten', () => {
    const solo = new Solo({ terms: [1, 1, 1] });
    solo.node.diskHeld = true;
    solo.append('b', 2, [0, 1], [2]);
    expect(solo.node.writes.flatMap(({ entries }) => entries.map(({ index, term }) => [index, term]))).toEqual([
      [1, 2],
    ]);
    expect(solo.core.log.persistedIndex).toBe(0);
    solo.core.persisted(2, 1, solo.now);
    solo.core.persisted(1, 1, solo.now);
    expect(solo.core.log.persistedIndex).toBe(0);
    solo.core.persisted(1, 2, solo.now);
    expect(solo.core.log.persistedIndex).toBe(1);
  });

  test('a match is acknowledged only once it is durable', () => {
    const solo = new Solo();
    solo.node.diskHeld = true;
    solo.append('b', 1, [-1, 0], [1]);
    expect(solo.sent()).toEqual([]);
    solo.node.releaseDisk();
    expect(solo.sent()).toMatchObject([{ type: 'append-response', success: true, matchIndex: 0 }]);
  });

  test("a leader's own entries count for a majority only once they are durable", () => {
    const solo = new Solo().becomeLeader().match('b', 0).match('c', 0);
    solo.node.diskHeld = true;
    solo.do((core, now) => core.propose(bytes('x'), now));
    expect(solo.sentOf('append-request').at(-1)?.entries).toHaveLength(1);
    solo.match('b', 1);
    expect(solo.core.log.commitIndex).toBe(0);
    solo.node.releaseDisk();
    expect(solo.core.log.commitIndex).toBe(1);
  });

  test('but a majority of others commits without it', () => {
    const solo = new Solo().becomeLeader().match('b', 0).match('c', 0);
    solo.node.diskHeld = true;
    solo.do((core, now) => core.propose(bytes('x'), now));
    solo.match('b', 1).match('c', 1);
    expect(solo.core.log.commitIndex).toBe(1);
  });

  test('answers that come late or twice move nothing back', () => {
    const solo = new Solo().becomeLeader();
    for (const data of ['x', 'y']) solo.do((core, now) => core.propose(bytes(data), now));
    solo.match('b', 2).match('b', 0).match('b', 2);
    const late = { matchIndex: -1, rejectedIndex: 1, hintIndex: 0, hintTerm: 1, round: 0 };
    solo.step({ type: 'append-response', from: 'b', term: 1, success: false, ...late });
    expect(solo.core.progress.get('b')).toMatchObject({ state: 'replicate', matchIndex: 2, nextIndex: 3 });
    expect(solo.core.log.commitIndex).toBe(2);
  });

  test('a follower acknowledges what is committed there without looking at it again', () => {
    const solo = new Solo({ terms: [1, 1, 1] }).append('b', 2, [2, 1], [], 2);
    solo.sent();
    solo.append('b', 2, [-1, 0], []);
    expect(solo.sentOf('append-response')).toMatchObject([{ success: true, matchIndex: 2 }]);
  });

  test('a leader that is told of something it does not hold drops that, and counts it', () => {
    const solo = new Solo().becomeLeader().match('b', 7);
    expect(solo.core.progress.get('b')?.matchIndex).toBe(-1);
    expect(solo.core.counters.messagesRefused).toBe(1);
  });

  test('log time never goes back, and time without a leader does not count', () => {
    const solo = new Solo({ entries: [{ index: 0, term: 1, time: 500, kind: 'command', data: bytes('') }], term: 1 });
    solo.tick(100_000).becomeLeader().tick(40);
    solo.do((core, now) => core.propose(bytes('x'), now));
    expect([1, 2].map((index) => solo.core.log.get(index)?.time)).toEqual([500, 540]);
  });
});

describe('§5.4.2 committing entries of previous terms', () => {
  test('only an entry of the current term is committed by counting; those before it then with it', () => {
    const solo = new Solo({ terms: [1, 2] }).becomeLeader().match('b', 1).match('c', 1);
    expect(solo.core.log.commitIndex).toBe(-1);
    expect(solo.match('b', 2).core.log.commitIndex).toBe(2);
  });

  test('§8: a leader begins its term with a no-op, and knows what is committed once that is', () => {
    const solo = new Solo({ terms: [1] }).becomeLeader();
    expect(solo.core.log.get(1)).toMatchObject({ term: 2, kind: 'no-op', data: encoder.noOp });
    expect(solo.core.hasCommittedInTerm).toBe(false);
    expect(solo.match('b', 1).core.hasCommittedInTerm).toBe(true);
  });
});

describe('§5.3 what a slow follower costs', () => {
  test('a leader repeats an append that was lost, and gets through', () => {
    const grid = Grid.of('a', 'b');
    grid.elect('a');
    grid.propose('a', 'x');
    grid.take();
    grid.tick(100, 'a');
    grid.stabilize();
    expect(grid.core('b').log.commitIndex).toBe(1);
  });

  test('what a leader says once its own disk agrees counts as said then', () => {
    const solo = new Solo({ configuration: { voters: ['a', 'b'], learners: [] } }).becomeLeader().match('b', 0);
    solo.node.diskHeld = true;
    solo.do((core, now) => core.propose(bytes('x'), now));
    solo.match('b', 1).sent();
    solo.now = 60;
    solo.node.releaseDisk();
    expect(solo.sentOf('append-request')).toMatchObject([{ commitIndex: 1, entries: [] }]);
    expect(solo.tick(59).sentOf('append-request')).toEqual([]);
    expect(solo.tick(41).sentOf('append-request')).toHaveLength(1);
  });

  test('past the bound on what is not committed, proposals are refused and nothing grows', () => {
    const solo = new Solo({ limits: { maxUncommittedBytes: 10 } }).becomeLeader().match('b', 0);
    const propose = () => solo.do((core, now) => core.propose(new Uint8Array(6), now));
    expect([propose(), propose(), propose()]).toEqual([1, 2, 'busy']);
    expect(solo.core.log.lastIndex).toBe(2);
    solo.match('b', 2);
    expect(propose()).toBe(3);
  });

  test('a restart begins with the log and the term that were durable, and nothing committed', () => {
    const core = newCore({
      self: 'a',
      configuration: { voters: ['a', 'b'], learners: [] },
      entries: entries([1, 3]),
      hardState: { term: 4, vote: undefined },
    });
    expect(core.log).toMatchObject({ lastIndex: 1, commitIndex: -1, persistedIndex: 1 });
    expect([core.term, core.role, core.ready()]).toEqual([4, 'follower', undefined]);
  });
});

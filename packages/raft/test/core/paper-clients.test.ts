import { describe, expect, test } from 'vitest';
import { bytes, Grid } from './grid.js';
import { Solo } from './solo.js';

/** A leader whose no-op, at 0, is committed. */
function leader(options: ConstructorParameters<typeof Solo>[0] = {}): Solo {
  const solo = new Solo(options).becomeLeader().match('b', 0).match('c', 0);
  solo.sent();
  return solo;
}

describe('thesis §6.4 linearizable reads', () => {
  test('a read waits for a majority to echo a round that began after it was asked', () => {
    const solo = leader();
    solo.do((core, now) => core.read(1, now));
    const [request] = solo.sentOf('append-request');
    solo.match('b', 0, (request?.round ?? 0) - 1);
    expect(solo.node.reads).toEqual([]);
    solo.match('b', 0, request?.round);
    expect(solo.node.reads).toEqual([{ context: 1, index: 0 }]);
  });

  test('its index is what was committed when the round began', () => {
    const solo = leader();
    solo.do((core, now) => core.read(1, now));
    solo.do((core, now) => core.propose(bytes('x'), now));
    solo.match('b', 1, 1);
    expect(solo.node.reads).toEqual([{ context: 1, index: 0 }]);
    expect(solo.core.log.commitIndex).toBe(1);
  });

  test('reads that come while a round is under way share the next one', () => {
    const solo = leader();
    for (const context of [1, 2, 3]) solo.do((core, now) => core.read(context, now));
    solo.match('b', 0, 1);
    expect(solo.node.reads.map(({ context }) => context)).toEqual([1]);
    solo.match('c', 0, 2);
    expect(solo.node.reads.map(({ context }) => context)).toEqual([1, 2, 3]);
  });

  test("learners' echoes do not count", () => {
    const solo = leader({ configuration: { voters: ['a', 'b', 'c'], learners: ['l'] } });
    solo.do((core, now) => core.read(1, now));
    solo.match('l', 0, 1);
    expect(solo.node.reads).toEqual([]);
  });

  test('a leader that has not committed in its term lets reads wait until it has', () => {
    const solo = new Solo({ terms: [1] }).becomeLeader();
    solo.do((core, now) => core.read(1, now));
    solo.match('b', 0, 5);
    expect(solo.node.reads).toEqual([]);
    solo.match('b', 1).match('b', 1, 1);
    expect(solo.node.reads).toEqual([{ context: 1, index: 1 }]);
  });

  test('a leader that loses its leadership refuses the reads that wait', () => {
    const solo = leader();
    solo.do((core, now) => core.read(1, now));
    solo.step({ type: 'read-index-request', from: 'b', term: 1, context: 7 });
    solo.sent();
    solo.append('c', 2, [-1, 0], []);
    expect(solo.node.reads).toEqual([{ context: 1, index: undefined }]);
    expect(solo.sentOf('read-index-response')).toMatchObject([{ to: 'b', context: 7, index: undefined }]);
    expect(solo.core.pendingReads).toBe(0);
  });

  test('past the bound on pending reads the caller is refused at once', () => {
    const solo = leader({ limits: { maxPendingReads: 2 } });
    for (const context of [1, 2, 3]) solo.do((core, now) => core.read(context, now));
    expect(solo.node.reads).toEqual([{ context: 3, index: undefined }]);
  });

  test('a follower asks its leader, and without one refuses', () => {
    const grid = Grid.of('a', 'b', 'c');
    grid.do('b', (core, now) => core.read(1, now));
    grid.elect('a');
    grid.do('b', (core, now) => core.read(2, now));
    grid.stabilize();
    expect(grid.node('b').reads).toEqual([
      { context: 1, index: undefined },
      { context: 2, index: 0 },
    ]);
  });

  test('a member that leads no more refuses who asks it', () => {
    const solo = new Solo({ term: 2 }).step({ type: 'read-index-request', from: 'b', term: 2, context: 9 });
    expect(solo.sent()).toMatchObject([{ type: 'read-index-response', to: 'b', context: 9, index: undefined }]);
  });

  test('a read repeats its round with the heartbeat when it was lost', () => {
    const solo = leader();
    solo.do((core, now) => core.read(1, now));
    solo.sent();
    expect(
      solo
        .tick(100)
        .sentOf('append-request')
        .map(({ round }) => round),
    ).toEqual([1, 1]);
  });

  test('a sole voter answers by itself', () => {
    const solo = new Solo({ configuration: { voters: ['a'], learners: [] } }).tick(1500);
    solo.do((core, now) => core.read(1, now));
    expect(solo.node.reads).toEqual([{ context: 1, index: 0 }]);
  });
});

describe('thesis §3.10 leadership transfer', () => {
  const transfer = (solo: Solo, to: string) => solo.do((core, now) => core.transferLeadership(to, now));

  test('a successor whose log is complete is told to stand at once', () => {
    const solo = leader();
    expect(transfer(solo, 'b')).toBe(true);
    expect(solo.sentOf('timeout-now')).toMatchObject([{ to: 'b', term: 1 }]);
  });

  test('one whose log is not gets the rest of it first', () => {
    const other = leader();
    other.do((core, now) => core.propose(bytes('x'), now));
    other.sent();
    transfer(other, 'b');
    expect(other.sentOf('timeout-now')).toEqual([]);
    other.match('b', 1);
    expect(other.sentOf('timeout-now')).toMatchObject([{ to: 'b', term: 1 }]);
  });

  test('proposals and changes are refused meanwhile', () => {
    const solo = leader();
    transfer(solo, 'b');
    expect(solo.do((core, now) => core.propose(bytes('x'), now))).toBe('transfer-in-progress');
    expect(solo.do((core, now) => core.changeConfiguration({ type: 'remove', member: 'c' }, now))).toBe(
      'transfer-in-progress',
    );
  });

  test('it is given up after an election timeout, and the leader goes on', () => {
    const solo = leader();
    transfer(solo, 'b');
    solo.match('c', 0).tick(999).match('c', 0).tick(1000).match('c', 0).tick(1000).match('c', 0).tick(1);
    expect(solo.do((core, now) => core.propose(bytes('x'), now))).toBe(1);
  });

  test('whoever is told to stand does so without asking, and says that the leader wanted it', () => {
    const solo = new Solo().append('b', 1, [-1, 0], [1]);
    solo.sent();
    solo.step({ type: 'timeout-now', from: 'b', term: 1 });
    expect(solo.sentOf('vote-request')).toMatchObject([
      { to: 'b', term: 2, transfer: true },
      { to: 'c', term: 2, transfer: true },
    ]);
  });

  test('only its leader can tell it to', () => {
    const solo = new Solo().append('b', 1, [-1, 0], [1]).step({ type: 'timeout-now', from: 'c', term: 1 });
    expect(solo.core.role).toBe('follower');
  });

  test.each(['a', 'l', 'stranger'])('a transfer to %s is refused', (to) => {
    expect(transfer(leader({ configuration: { voters: ['a', 'b', 'c'], learners: ['l'] } }), to)).toBe(false);
  });
});

describe('§7 log compaction', () => {
  test('entries up to an applied index are forgotten; their last position stays', () => {
    const solo = new Solo().append('b', 1, [-1, 0], [1, 1, 1], 2);
    solo.core.compact(1);
    expect(solo.core.log).toMatchObject({ base: { index: 1, term: 1 }, firstIndex: 2, lastIndex: 2 });
    expect([solo.core.log.termAt(0), solo.core.log.termAt(1)]).toEqual([undefined, 1]);
    expect(() => solo.core.compact(3)).toThrow('compaction to 3 beyond applied 2');
  });

  test('a follower whose next entry is gone is announced for a snapshot once', () => {
    const solo = leader();
    solo.do((core, now) => core.propose(bytes('x'), now));
    solo.match('b', 1);
    solo.core.compact(1);
    const lost = { matchIndex: -1, rejectedIndex: 1, hintIndex: -1, hintTerm: 0, round: 0 };
    solo.step({ type: 'append-response', from: 'c', term: 1, success: false, ...lost });
    solo.tick(100).tick(100);
    expect(solo.node.snapshotsWanted).toEqual(['c']);
    expect(solo.core.progress.get('c')?.state).toBe('snapshot');
  });

  const chunk = { type: 'snapshot-request', from: 'b', term: 1, position: { index: 5, term: 1, time: 9 } } as const;
  const configuration = { voters: ['a', 'b'], learners: [] };

  test('a snapshot replaces a log that does not reach it, and brings its configuration', () => {
    const solo = new Solo({ terms: [1, 1] }).step({
      ...chunk,
      configuration,
      offset: 0,
      data: bytes('xy'),
      done: true,
    });
    expect(solo.node.chunks).toMatchObject([{ offset: 0, done: true, data: bytes('xy') }]);
    solo.do((core, now) => core.snapshotInstalled(chunk.position, configuration, now));
    expect(solo.core.log).toMatchObject({ base: chunk.position, lastIndex: 5, commitIndex: 5, appliedIndex: 5 });
    expect(solo.core.configuration).toEqual(configuration);
    expect(solo.sentOf('append-response')).toMatchObject([{ success: true, matchIndex: 5 }]);
  });

  test('of a log that agrees with it, what follows is kept', () => {
    const solo = new Solo({ terms: [1, 1, 1, 1, 1, 1, 1] });
    solo.step({ ...chunk, configuration, offset: 0, data: bytes(''), done: true });
    solo.do((core, now) => core.snapshotInstalled(chunk.position, configuration, now));
    expect(solo.core.log).toMatchObject({ firstIndex: 6, lastIndex: 6, commitIndex: 5 });
  });

  test('one that brings nothing new is answered by what is there', () => {
    const solo = new Solo().append('b', 1, [-1, 0], [1, 1, 1, 1, 1, 1, 1], 6);
    solo.sent();
    solo.step({ ...chunk, configuration, offset: 0, data: bytes('xy'), done: true });
    expect(solo.sent()).toMatchObject([{ type: 'append-response', success: true, matchIndex: 6 }]);
    expect(solo.node.chunks).toEqual([]);
  });

  test('a chunk at another offset than the next is not taken, and the answer says which is', () => {
    const solo = new Solo();
    solo.step({ ...chunk, configuration, offset: 0, data: bytes('xy'), done: false });
    solo.step({ ...chunk, configuration, offset: 5, data: bytes('z'), done: true });
    expect(solo.sentOf('snapshot-response').map(({ offset }) => offset)).toEqual([2, 2]);
    expect(solo.node.chunks).toHaveLength(1);
  });

  test('another snapshot begins anew, and so does one that could not be restored', () => {
    const solo = new Solo();
    solo.step({ ...chunk, configuration, offset: 0, data: bytes('xy'), done: true });
    solo.core.snapshotFailed();
    solo.sent();
    solo.step({ ...chunk, configuration, offset: 2, data: bytes('z'), done: true });
    const position = { index: 8, term: 1, time: 9 };
    solo.step({ ...chunk, position, configuration, offset: 0, data: bytes('abc'), done: false });
    expect(solo.sentOf('snapshot-response').map(({ index, offset }) => [index, offset])).toEqual([
      [5, 0],
      [8, 3],
    ]);
  });

  test('nobody stands while it restores', () => {
    const solo = new Solo().step({ ...chunk, configuration, offset: 0, data: bytes('xy'), done: true });
    solo.tick(10_000);
    solo.step({ type: 'timeout-now', from: 'b', term: 1 });
    expect(solo.core.role).toBe('follower');
  });
});

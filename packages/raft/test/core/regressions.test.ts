import type { Entry } from '@hamok/raft';
import { describe, expect, test } from 'vitest';
import { encoder, entries, entry, Grid, newCore } from './grid.js';

describe('found by the simulator, or by reading', () => {
  test('a leader whose follower is behind what it compacted since keeps its heartbeat', () => {
    const grid = new Grid();
    const voters = ['a', 'b', 'c'];
    for (const self of voters)
      grid.add({ self, configuration: { voters, learners: [] }, limits: { maxInflightMessages: 1 } });
    grid.elect('a');
    grid.carries = ({ to }) => to !== 'c';
    for (const data of ['x', 'y', 'z']) grid.propose('a', data);
    grid.stabilize();
    const { core } = grid.node('a');
    expect(core.progress.get('c')?.nextIndex).toBeLessThanOrEqual(core.log.appliedIndex);
    core.compact(core.log.appliedIndex);
    expect(() => core.tick(200)).not.toThrow();
    grid.node('a').run();
    expect(core.progress.get('c')?.state).toBe('snapshot');
  });

  test('a follower whose snapshot became too old on the way is offered a newer one', () => {
    const grid = new Grid();
    const voters = ['a', 'b'];
    grid.add({ self: 'a', configuration: { voters: ['a'], learners: ['b'] } });
    const b = grid.add({ self: 'b', configuration: { voters: [], learners: [] } });
    grid.carries = ({ to }) => to !== 'b';
    grid.campaign('a');
    grid.stabilize();
    for (const data of ['x', 'y']) grid.propose('a', data);
    const a = grid.node('a');
    a.core.compact(1);
    grid.carries = () => true;
    grid.tick(200, 'a');
    grid.stabilize();
    expect(a.snapshotsWanted).toEqual(['b']);

    const position = { ...a.core.log.base };
    const configuration = { voters: voters.slice(0, 1), learners: ['b'] };
    grid.do('a', (core, now) =>
      core.sendSnapshotChunk('b', { position, configuration, offset: 0, data: new Uint8Array(1), done: true }, now),
    );
    grid.stabilize();
    a.core.compact(2);
    grid.do('b', (core, now) => core.snapshotInstalled(position, configuration, now));
    grid.stabilize();
    expect(b.core.log.lastIndex).toBe(1);
    expect(a.snapshotsWanted).toEqual(['b', 'b']);
  });

  test('what is committed does not pass by a snapshot that is being installed', () => {
    const core = newCore({
      self: 'b',
      configuration: { voters: ['a', 'b'], learners: [] },
      hardState: { term: 1, vote: undefined },
      entries: entries([1, 1, 1, 1]),
    });
    const { configuration } = core;
    const from = { from: 'a', to: 'b', term: 1 };
    const position = { index: 2, term: 1, time: 0 };
    core.step(
      { ...from, type: 'snapshot-request', position, configuration, offset: 0, data: new Uint8Array(1), done: true },
      0,
    );
    core.step(
      { ...from, type: 'append-request', prevLogIndex: 3, prevLogTerm: 1, entries: [], commitIndex: 3, round: 0 },
      0,
    );
    core.snapshotInstalled(position, configuration, 0);
    expect(core.log).toMatchObject({ appliedIndex: 2, lastIndex: 3 });
  });

  test('of a snapshot that is given up nothing is handed out any more', () => {
    const core = newCore({ self: 'b', configuration: { voters: ['a', 'b'], learners: [] } });
    const { configuration } = core;
    const position = { index: 2, term: 1, time: 0 };
    const chunk = { position, configuration, offset: 0, data: new Uint8Array(1), done: true };
    core.step({ type: 'snapshot-request', from: 'a', to: 'b', term: 1, ...chunk }, 0);
    core.snapshotFailed();
    expect(core.ready()?.snapshotChunks).toEqual([]);
  });

  test('reads are answered when the echo that was missing belonged to a voter that was removed', () => {
    const grid = Grid.of('a', 'b');
    grid.elect('a');
    grid.carries = ({ to }) => to !== 'b';
    grid.do('a', (core, now) => core.read(1, now));
    grid.stabilize();
    expect(grid.node('a').reads).toEqual([]);
    grid.do('a', (core, now) => core.changeConfiguration({ type: 'remove', member: 'b' }, now));
    grid.do('a', (core, now) => core.read(2, now));
    expect(grid.node('a').reads.map(({ context }) => context)).toEqual([1, 2]);
  });

  test('a sole voter tells its learners nothing before its own term is durable', () => {
    const grid = new Grid();
    const entry = {
      index: 0,
      term: 0,
      time: 0,
      kind: 'configuration' as const,
      configuration: { voters: ['a'], learners: ['b'] },
      data: encoder.configuration({ voters: ['a'], learners: ['b'] }),
    };
    const a = grid.add({ self: 'a', configuration: { voters: ['a'], learners: [] }, entries: [entry] });
    a.diskHeld = true;
    grid.campaign('a');
    grid.tick(150, 'a');
    expect(a.core.role).toBe('leader');
    expect(grid.take()).toEqual([]);
    a.releaseDisk();
    expect(grid.take().map(({ type, term }) => [type, term])).toEqual([['append-request', 1]]);
  });

  test('a leader whose own removal reached nobody stands again: the others may lack what they need to win', () => {
    const grid = Grid.of('a', 'b');
    grid.elect('a');
    grid.isolate('a');
    grid.do('a', (core, now) => core.changeConfiguration({ type: 'remove', member: 'a' }, now));
    grid.do('a', (core, now) => core.stepDown(now));
    grid.stabilize();
    grid.heal();
    grid.campaign('b');
    grid.stabilize();
    expect(grid.core('b').role).not.toBe('leader');
    grid.campaign('a');
    grid.stabilize();
    expect(grid.core('b').configuration.voters).toEqual(['b']);
    grid.elect('b');
    expect(grid.core('a').role).toBe('follower');
  });

  test('who is being removed stands again after a restart, too, when nobody knows what is committed', () => {
    const grid = new Grid();
    const configuration = { voters: ['x'], learners: [] };
    const change = (index: number, voters: string[]): Entry => ({
      ...entry(index, 1),
      kind: 'configuration',
      configuration: { voters, learners: [] },
    });
    const log = [change(0, ['a', 'b']), change(1, ['b'])];
    const hardState = { term: 1, vote: undefined };
    grid.add({ self: 'a', configuration, hardState, entries: log });
    grid.add({ self: 'b', configuration, hardState, entries: log.slice(0, 1) });
    for (let i = 0; i < 50 && grid.core('b').role !== 'leader'; i++) {
      grid.tick(100);
      grid.stabilize();
    }
    expect(grid.core('b')).toMatchObject({ role: 'leader', configuration: { voters: ['b'] } });
  });

  test('appends to a member that restores a snapshot do not breed, whoever leads', () => {
    const grid = new Grid();
    const voters = ['a', 'b', 'c'];
    for (const self of voters)
      grid.add({ self, configuration: { voters, learners: [] }, limits: { maxEntriesPerMessage: 1 } });
    grid.elect('a');
    grid.propose('a', 'x');
    grid.stabilize();
    grid.isolate('c');
    for (const data of ['p', 'q', 'r']) grid.propose('a', data);
    grid.stabilize();
    const { configuration, log, term } = grid.core('a');
    const position = { index: 3, term: log.termAt(3) ?? 0, time: 0 };
    const chunk = { position, configuration, offset: 0, data: new Uint8Array(1), done: true };
    grid.do('c', (core, now) => core.step({ type: 'snapshot-request', from: 'a', to: 'c', term, ...chunk }, now));
    grid.heal();
    grid.tick(200, 'a');
    // It would never come to rest: an append that is not taken was answered by what made the leader send it again.
    grid.stabilize();
    expect(grid.core('c').isInstalling).toBe(true);
    expect(grid.core('c').log.lastIndex).toBe(1);

    grid.do('c', (core, now) => core.snapshotInstalled(position, configuration, now));
    grid.stabilize();
    grid.tick(200, 'a');
    grid.stabilize();
    expect(grid.core('c').log).toMatchObject({ lastIndex: 4, commitIndex: 4 });
  });

  test('late and repeated answers make a leader send nothing again', () => {
    const grid = new Grid();
    const voters = ['a', 'b', 'c'];
    for (const self of voters)
      grid.add({ self, configuration: { voters, learners: [] }, limits: { maxEntriesPerMessage: 1 } });
    grid.elect('a');
    for (const data of ['v', 'w', 'x', 'y', 'z']) grid.propose('a', data);
    grid.take();
    const { term } = grid.core('a');
    const answer = { type: 'append-response', from: 'b', to: 'a', term, round: 0 } as const;
    const repeated = { ...answer, success: true, matchIndex: 0, rejectedIndex: -1, hintIndex: -1, hintTerm: 0 };
    for (const rejectedIndex of [1, 2, 3, 4]) {
      const rejected = { ...answer, success: false, matchIndex: -1, rejectedIndex, hintIndex: 0, hintTerm: term };
      grid.do('a', (core, now) => core.step(rejected, now));
      grid.do('a', (core, now) => core.step(repeated, now));
    }
    const sent = grid.take().filter(({ to }) => to === 'b');
    expect(sent).toMatchObject([{ type: 'append-request', prevLogIndex: 0, entries: [{ index: 1 }] }]);

    // The probe was lost, which the answer to a heartbeat shows.
    grid.tick(150, 'a');
    grid.stabilize();
    expect(grid.core('b').log).toMatchObject({ lastIndex: 5, commitIndex: 5 });
  });
});

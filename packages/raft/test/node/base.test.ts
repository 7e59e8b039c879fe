import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Configuration,
  MemoryLog,
  MemorySnapshotStore,
  type RaftNodeOptions,
  type SnapshotMeta,
  type StoredSnapshot,
} from '../../src/index.js';
import { exported, stored } from '../support/exported.js';
import { bytes, TestGrid, type TestMember } from '../support/test-grid.js';

const ids = ['a', 'b', 'c'];

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(() => grid.stop());

async function* textOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  yield bytes(JSON.stringify(texts));
}

/** A state that nobody ever had. */
function invented(position: Partial<SnapshotMeta['position']>, gridId: string, ...texts: string[]) {
  const meta = {
    gridId,
    position: { index: 10, term: 2, time: 5, ...position },
    configuration: { voters: ['z@1'], learners: [] },
  };
  return stored(meta, textOf(...texts));
}

async function applied(members: readonly TestMember[], ...texts: string[]): Promise<void> {
  await grid.until(() => members.every(({ node, machine }) => node.joined && machine.applied.length >= texts.length));
  for (const { machine } of members) expect(machine.applied).toEqual(texts);
}

function startWith(bases: Readonly<Record<string, StoredSnapshot>>): Promise<TestMember[]> {
  const optionsOf = (id: string): Partial<RaftNodeOptions> => {
    const base = bases[id];
    return base ? { peers: ids, base } : { peers: ids };
  };
  return Promise.all(ids.map((id) => grid.start(id, optionsOf(id))));
}

/** A grid in which these were proposed, what its leader held at the end, and the members, all of whom are gone. */
async function lostGrid(...texts: string[]): Promise<StoredSnapshot> {
  await grid.startAll(ids);
  const leader = await grid.leader();
  await grid.propose(leader, ...texts);
  const state = await exported(leader);
  await grid.stop();
  return state;
}

describe('a state that no grid can have had', () => {
  const configurationOf = (...voters: string[]): Partial<SnapshotMeta> => ({ configuration: { voters, learners: [] } });
  const made: Partial<SnapshotMeta>[] = [
    configurationOf('x'),
    configurationOf('a@-1'),
    configurationOf(`a@${Number.MAX_SAFE_INTEGER - 1}`),
    configurationOf(`b@${Number.MAX_SAFE_INTEGER}`),
    configurationOf('b@1', 'b@2'),
    { configuration: { voters: ['a@1', 'b@1'], learners: [], mostVoters: 1 } },
    { configuration: { voters: ['a@1'], learners: [], mostVoters: 2 ** 31 } },
    { gridId: '' },
    { position: { index: Number.MAX_SAFE_INTEGER, term: 1, time: 1 } },
    { position: { index: 1, term: 2 ** 52, time: 1 } },
  ];
  const whole: SnapshotMeta = {
    gridId: 'g',
    position: { index: 1, term: 1, time: 1 },
    configuration: { voters: ['a@1'], learners: [] },
  };

  it.each(made)('is refused at the start: %j', async (fields) => {
    const base = await stored({ ...whole, ...fields }, textOf('x'));
    await expect(grid.start('a', { peers: ['a'], base })).rejects.toMatchObject({ code: 'stored-state' });
    await grid.clock.advance(10_000);
    expect(grid.members.flatMap(({ machine }) => machine.applied)).toEqual([]);
  });

  it('is refused where a store of snapshots has it', async () => {
    const position = { index: 1, term: 1, time: 1 };
    const { gridId, configuration } = whole;
    const logStore = new MemoryLog();
    const hardState = { term: 1, vote: undefined };
    const owner = { member: 'a@1', gridId, founders: ['a@1'] };
    await logStore.begin({ owner, hardState, base: position, configuration, entries: [] });
    const snapshotStore = new MemorySnapshotStore();
    const writer = snapshotStore.create({ ...whole, ...configurationOf('x') });
    await writer.append(bytes('["x"]'));
    await writer.complete();
    await expect(grid.start('a', { peers: ['a'], logStore, snapshotStore })).rejects.toMatchObject({
      code: 'stored-state',
    });
  });
});

describe('a grid that begins with a state', () => {
  it('goes on where that ends, on every member, whoever holds it', async () => {
    for (const holder of ids) {
      const state = await lostGrid('x', 'y');
      const members = await startWith({ [holder]: state });
      await applied(members, 'x', 'y');
      const leader = await grid.leader();
      expect(leader.node.gridId).not.toBe(state.meta.gridId);
      expect(leader.node.appliedIndex).toBeGreaterThan(state.meta.position.index);
      expect(leader.node.term).toBeGreaterThan(state.meta.position.term);
      await grid.propose(leader, 'z');
      await applied(members, 'x', 'y', 'z');
      expect(leader.node.configuration.voters.length).toBe(3);
      await grid.stop();
    }
  });

  it('begins with the members that hold it: nobody else votes or stands', async () => {
    const state = await lostGrid('x');
    const begun: string[][] = [];
    const members = await startWith({ b: state, c: state });
    for (const { node } of members) {
      node.on('leader-changed', () => begun.push(node.configuration.voters.map((member) => member[0] ?? '').sort()));
    }
    await applied(members, 'x');
    expect(begun[0]).toEqual(['b', 'c']);
    const [, b, c] = members;
    expect([b, c].map((holder) => holder?.node.report().counters.snapshotsInstalled)).toEqual([0, 0]);
  });

  it('begins with the latest of those that are held', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await grid.propose(leader, 'x');
    const first = await exported(leader);
    await grid.propose(leader, 'y');
    const second = await exported(leader);
    await grid.stop();
    const members = await startWith({ a: first, b: second, c: first });
    await applied(members, 'x', 'y');
  });

  it('needs no others where it is for one', async () => {
    const state = await lostGrid('x');
    const alone = await grid.start('a', { peers: ['a'], base: state });
    await applied([alone], 'x');
    await grid.propose(alone, 'y');
    expect(alone.machine.applied).toEqual(['x', 'y']);
  });

  it('begins, and takes the others in, though the only one that holds it never stands otherwise', async () => {
    const state = await lostGrid('x');
    const members = await Promise.all(
      ids.map((id) => grid.start(id, { peers: ids, ...(id === 'b' ? { base: state, onlyFollower: true } : {}) })),
    );
    await applied(members, 'x');
  });

  it('is on the disk of those that begin with it, before anything is said', async () => {
    const state = await lostGrid('x');
    const stores = { logStore: new MemoryLog(), snapshotStore: new MemorySnapshotStore() };
    const first = await grid.start('a', { peers: ['a'], base: state, ...stores });
    await applied([first], 'x');
    await grid.propose(first, 'y');
    const { gridId, member } = first.node;
    await grid.kill(first);
    const again = await grid.start('a', {
      peers: ['a'],
      base: await invented({ index: 900 }, 'other', 'o'),
      ...stores,
    });
    await applied([again], 'x', 'y');
    expect([again.node.gridId, again.node.member]).toEqual([gridId, member]);
    expect(again.errors).toEqual([]);
  });

  it('is not begun where states of several grids are held, and all are told', async () => {
    const state = await lostGrid('x');
    const members = await startWith({ a: await invented({ index: 900 }, 'other', 'o'), c: state });
    await grid.until(() => members.every(({ errors }) => errors.length > 0));
    for (const { errors, node } of members) {
      expect(errors.map(({ code }) => code)).toEqual(['grid-conflict']);
      expect(errors[0]).toMatchObject({ gridIds: [state.meta.gridId, 'other'].sort() });
      expect(node.gridId).toBeUndefined();
    }
  });

  it('is not begun where one place in a log has two contents', async () => {
    const position = { index: 10, term: 2, time: 5 };
    const members = await startWith({ a: await invented(position, 'g', 'x'), b: await invented(position, 'g', 'y') });
    await grid.until(() => members.every(({ errors }) => errors.length > 0));
    for (const { errors } of members) expect(errors.map(({ code }) => code)).toEqual(['grid-conflict']);
  });
});

describe('a member that starts anew, whenever it does, while a grid begins with a state', () => {
  /** Before anyone is bound, before there is a leader, while the members change, and after that, by steps of 20 ms. */
  const moments = Array.from({ length: 25 }, (_, i) => i * 20);

  /** Starts all, and after that time one of them again. Returns who holds the state besides, and the members it knew of then. */
  async function startAnew(id: string, after: number, optionsOf: (id: string) => Partial<RaftNodeOptions>) {
    const members = await Promise.all(ids.map((each) => grid.start(each, { peers: ids, ...optionsOf(each) })));
    await grid.clock.advance(after);
    const dead = members.find(({ node }) => node.id === id);
    const survivor = members.find(({ node }) => node.id !== id && optionsOf(node.id).base !== undefined);
    if (!dead || !survivor) throw new Error('nobody is left');
    const then = survivor.node.configuration;
    await grid.kill(dead);
    await grid.start(id, { peers: ids, ...optionsOf(id) });
    return { survivor, then };
  }

  it('leaves a majority of the three that hold it: the grid goes on', async () => {
    const state = await lostGrid('x');
    for (const after of moments) {
      await startAnew('b', after, () => ({ base: state }));
      await applied(grid.members, 'x');
      await grid.stop();
    }
  });

  it('is the same on its disk: the grid waits for it, and goes on', async () => {
    const state = await lostGrid('x');
    for (const after of moments) {
      const disks = new Map(
        ids.map((id) => [id, { logStore: new MemoryLog(), snapshotStore: new MemorySnapshotStore() }]),
      );
      await startAnew('b', after, (id) => ({ ...disks.get(id), ...(id === 'a' ? {} : { base: state }) }));
      await applied(grid.members, 'x');
      await grid.stop();
    }
  });

  it('costs two that hold it their majority while the third is a learner, and nothing else', async () => {
    const state = await lostGrid('x');
    const wentOn = new Set<string>();
    const lost = new Set<string>();
    for (const id of ['b', 'c']) {
      for (const after of moments) {
        const { survivor, then } = await startAnew(id, after, (each) => (each === 'a' ? {} : { base: state }));
        const isLost = (): boolean => survivor.events.includes('quorum-lost');
        await grid.until(() => isLost() || grid.members.every(({ node }) => node.joined));
        (isLost() ? lost : wentOn).add(shapeOf(then));
        if (isLost()) await goOnFrom(survivor);
        await applied(grid.members, 'x');
        await grid.stop();
      }
    }
    // Before its first change of members a grid has promised nothing: it is given up, and another is begun. What counts is
    // whether a leader goes on to the learner, or from the learner to the voter, before it misses the other one.
    expect([...lost].sort()).toEqual(['2 voters, 0 learners', '2 voters, 1 learners']);
    expect([...wentOn].sort()).toEqual(['0 voters, 0 learners', ...[...lost].sort(), '3 voters, 0 learners']);
  });

  const shapeOf = ({ voters, learners }: Configuration): string =>
    `${voters.length} voters, ${learners.length} learners`;

  /** One of two voters is gone for good: nothing happens by itself, and who tells the other one to go on loses nothing. */
  async function goOnFrom({ node }: TestMember): Promise<void> {
    const { gridId } = node;
    expect(shapeOf(node.configuration)).toBe('2 voters, 1 learners');
    await grid.clock.advance(10_000);
    expect(grid.members.map(({ node: { leaderId } }) => leaderId)).toEqual([undefined, undefined, undefined]);
    expect(node.gridId).toBe(gridId);
    node.recover();
    // A learner that has heard of the lost grid is bound to it, once an incarnation.
    const [learner] = grid.members.filter((member) => member.node.gridId === gridId);
    if (!learner) return;
    await grid.kill(learner);
    await grid.start('a', { peers: ids });
  }
});

describe('a member that joins with a state of the grid', () => {
  const snapshotPolicy = { entries: 0, bytes: 0, ageInMs: 0, keepEntries: 1 };

  it('needs only what came after', async () => {
    await grid.startAll(ids, { snapshotPolicy });
    const leader = await grid.leader();
    const follower = grid.members.find((member) => member !== leader);
    await grid.propose(leader, 'x', 'y');
    if (!follower) throw new Error('no follower');
    await grid.until(() => follower.machine.applied.length === 2);
    const state = await exported(follower);
    await grid.clock.advance(50);
    await grid.settle(leader.node.takeSnapshot());
    await grid.propose(leader, 'z');
    const { index } = state.meta.position;
    expect(leader.node.report().log.firstIndex).toBeGreaterThan(0);
    const joining = await grid.start('d', { bootstrap: false, base: state });
    await applied([joining], 'x', 'y', 'z');
    expect(joining.machine.restores).toBe(1);
    expect(joining.node.report().counters.snapshotsInstalled).toBe(0);
    expect(joining.node.report().log.firstIndex).toBe(index + 1);
    expect(joining.errors).toEqual([]);
  });

  it('is sent a snapshot where what came after is not held any more', async () => {
    await grid.startAll(ids, { snapshotPolicy });
    const leader = await grid.leader();
    await grid.propose(leader, 'x');
    const state = await exported(leader);
    await grid.propose(leader, ...'abcdefgh');
    await grid.settle(leader.node.takeSnapshot());
    expect(leader.node.report().log.firstIndex).toBeGreaterThan(state.meta.position.index + 1);
    const joining = await grid.start('d', { bootstrap: false, base: state });
    await applied([joining], 'x', ...'abcdefgh');
    expect(joining.node.report().counters.snapshotsInstalled).toBe(1);
  });

  it('takes what the leader sends where that does not know the state', async () => {
    await grid.startAll(ids, { snapshotPolicy });
    const leader = await grid.leader();
    await grid.propose(leader, 'x', 'y');
    const { meta } = await exported(leader);
    const forged = await stored(meta, textOf('x', 'forged'));
    const joining = await grid.start('d', { bootstrap: false, base: forged });
    await applied([joining], 'x', 'y');
    const members = { voters: ['d@1', ...meta.configuration.voters], learners: [] };
    const otherMembers = await stored({ ...meta, configuration: members }, textOf('x', 'y'));
    const another = await grid.start('e', { bootstrap: false, base: otherMembers });
    await applied([another], 'x', 'y');
    expect([joining, another].map(({ node }) => node.report().log.firstIndex)).toEqual([0, 0]);
  });

  it('is told when what it holds is of another grid, and takes what the grid has', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await grid.propose(leader, 'x');
    const joining = await grid.start('d', { bootstrap: false, base: await invented({}, 'other', 'o') });
    await applied([joining], 'x');
    expect(joining.errors.map(({ code }) => code)).toEqual(['grid-conflict']);
  });

  it('is believed, also when whoever handed the state out is gone', async () => {
    await grid.startAll(ids, { snapshotPolicy });
    const leader = await grid.leader();
    await grid.propose(leader, 'x', 'y');
    const state = await exported(leader);
    await grid.clock.advance(50);
    await grid.kill(leader);
    const next = await grid.leader();
    await grid.propose(next, 'z');
    const joining = await grid.start('d', { bootstrap: false, base: state });
    await applied([joining], 'x', 'y', 'z');
    expect(joining.machine.restores).toBe(1);
    expect(joining.node.report().log.firstIndex).toBe(state.meta.position.index + 1);
  });
});

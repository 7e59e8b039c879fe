import { MessageType } from '@hamok/messages';
import type { TransportReceiver } from '@hamok/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestGrid, type TestMember } from '../support/test-grid.js';
import { watchedTransport } from '../support/watched-transport.js';

const ids = ['a', 'b', 'c'];
let grid: TestGrid;

beforeEach(() => {
  grid = new TestGrid();
});

afterEach(async () => {
  await grid.stop();
  await grid.clock.advance(100); // frames under way
  expect(grid.clock.pending, 'timers left behind').toBe(0);
});

const voters = ({ node }: TestMember): string[] =>
  node.configuration.voters.map((voter) => voter.split('@')[0] ?? '').sort();

describe('a member that leaves', () => {
  for (const who of ['leader', 'follower']) {
    it(`is removed through the log: the ${who}`, async () => {
      await grid.startAll(ids);
      const leader = await grid.leader();
      const leaving = who === 'leader' ? leader : grid.members.find((member) => member !== leader);
      if (!leaving) throw new Error('nobody leaves');
      await grid.settle(leaving.node.stop());
      grid.members.splice(grid.members.indexOf(leaving), 1);
      const next = await grid.leader();
      expect(voters(next)).toEqual(ids.filter((id) => id !== leaving.node.id));
      await grid.propose(next, 'x');
    });
  }

  for (const passive of ids) {
    it(`hands over to a voter that stands for election, whoever does not: ${passive}`, async () => {
      await Promise.all(ids.map((id) => grid.start(id, { peers: ids, onlyFollower: id === passive })));
      const leader = await grid.leader();
      const from = grid.clock.now();
      await grid.settle(leader.node.leave());
      expect(grid.clock.now() - from).toBeLessThan(3000);
      expect(voters(await grid.leader())).not.toContain(leader.node.id);
    });
  }

  it('stays where those that remain would be no majority, and the grid goes on', async () => {
    const members = await grid.startAll(ids);
    const leader = await grid.leader();
    const [dead, leaving] = members.filter((member) => member !== leader);
    if (!dead || !leaving) throw new Error('nobody');
    await grid.kill(dead);
    await grid.clock.advance(300);
    for (let i = 0; i < 3; i++) {
      await expect(grid.settle(leaving.node.leave({ timeoutInMs: 500 }))).rejects.toMatchObject({
        code: 'unavailable',
      });
      await grid.propose(leader, `${i}`);
    }
    const back = await grid.start(dead.node.id, { peers: ids });
    await grid.until(() => back.node.joined);
    await grid.settle(leaving.node.leave());
    expect(voters(leader)).toEqual([leader.node.id, dead.node.id].sort());
  });

  it('stays where its leader was just elected, and has not heard whether the others live', async () => {
    const members = await grid.startAll(ids);
    const leader = await grid.leader();
    const [dead, next] = members.filter((member) => member !== leader);
    if (!dead || !next) throw new Error('nobody');
    await grid.kill(dead);
    await grid.settle(leader.node.transferLeadership(next.node.id));
    await expect(grid.settle(leader.node.leave({ timeoutInMs: 500 }))).rejects.toMatchObject({ code: 'unavailable' });
    await grid.propose(next, 'x');
  });

  it('may be the last one', async () => {
    const [a, b, c] = await grid.startAll(ids);
    await grid.leader();
    const from = grid.clock.now();
    await grid.settle(Promise.all([a, b, c].map((member) => member?.node.stop())));
    expect(grid.clock.now() - from).toBeLessThan(5000);
  });
});

describe('a member that comes back without its state', () => {
  it('is another incarnation: removed, added as a learner, caught up, promoted', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await grid.propose(leader, '1', '2', '3');
    const gone = grid.members.find((member) => member !== leader);
    if (!gone) throw new Error('nobody');
    await grid.kill(gone);
    const seen: string[] = [];
    leader.node.on('commit', (_index, { configuration }) => {
      if (configuration) seen.push(`${configuration.voters.length} voters, ${configuration.learners.length} learners`);
    });
    const back = await grid.start(gone.node.id, { peers: ids });
    await grid.until(() => back.node.joined);
    expect(seen).toEqual(['2 voters, 0 learners', '2 voters, 1 learners', '3 voters, 0 learners']);
    expect(back.machine.applied).toEqual(['1', '2', '3']);
    expect(back.node.member).not.toBe(gone.node.member);
    await grid.propose(back, '4');
  });

  it('gets a snapshot where the log does not reach back', async () => {
    const snapshotPolicy = { entries: 50, keepEntries: 5 };
    await grid.startAll(ids, { snapshotPolicy, limits: { maxBytesPerMessage: 300 } });
    const leader = await grid.leader();
    const gone = grid.members.find((member) => member !== leader);
    if (!gone) throw new Error('nobody');
    await grid.kill(gone);
    const texts = Array.from({ length: 200 }, (_, i) => `entry ${i}`);
    for (let i = 0; i < texts.length; i += 20) await grid.propose(leader, ...texts.slice(i, i + 20));
    expect(leader.node.report().log.firstIndex).toBeGreaterThan(100);
    const back = await grid.start(gone.node.id, { peers: ids, snapshotPolicy, limits: { maxBytesPerMessage: 300 } });
    await grid.until(() => back.node.joined);
    expect(back.node.report().counters.snapshotsInstalled).toBe(1);
    await grid.settle(back.node.barrier());
    expect(back.machine.applied).toEqual(texts);
    await grid.propose(back, 'after');
  });

  it('finds a log of large entries compacted as far as bytes go', async () => {
    const snapshotPolicy = { entries: 0, bytes: 2 * 1024 * 1024 };
    const [member] = await grid.startAll(ids, { snapshotPolicy });
    if (!member) throw new Error('nobody');
    const leader = await grid.leader();
    for (let i = 0; i < 30; i++) await grid.propose(leader, 'x'.repeat(400_000));
    for (const { node } of grid.members) {
      const { bytes, lastIndex, firstIndex } = node.report().log;
      expect(bytes).toBeLessThan(8 * 1024 * 1024);
      expect(lastIndex - firstIndex).toBeLessThan(25);
    }
  });

  it('gets its snapshot over a network that loses, doubles and reorders', async () => {
    const options = {
      peers: ids,
      snapshotPolicy: { entries: 50, keepEntries: 5 },
      limits: { maxBytesPerMessage: 300 },
    };
    await grid.startAll(ids, options);
    const leader = await grid.leader();
    const gone = grid.members.find((member) => member !== leader);
    if (!gone) throw new Error('nobody');
    await grid.kill(gone);
    const texts = Array.from({ length: 200 }, (_, i) => `entry ${i}`);
    for (let i = 0; i < texts.length; i += 20) await grid.propose(leader, ...texts.slice(i, i + 20));
    grid.network.setFaults({ loss: 0.1, duplication: 0.1, minDelayInMs: 1, maxDelayInMs: 30 });
    const back = await grid.start(gone.node.id, options);
    await grid.until(() => back.node.joined, 120_000);
    await grid.settle(back.node.barrier({ timeoutInMs: 60_000 }), 60_000);
    expect(back.machine.applied).toEqual(texts);
  });

  it('loses nothing in a rolling restart that waits for each to have joined', async () => {
    await grid.startAll(ids);
    for (const id of ids) {
      const leader = await grid.leader();
      await grid.propose(leader, `before ${id}`);
      const restarting = grid.members.find(({ node }) => node.id === id);
      if (!restarting) throw new Error(`no ${id}`);
      await grid.kill(restarting);
      const back = await grid.start(id, { peers: ids });
      await grid.until(() => back.node.joined);
    }
    const leader = await grid.leader();
    await grid.settle(leader.node.barrier());
    expect(leader.machine.applied).toEqual(ids.map((id) => `before ${id}`));
    expect(voters(leader)).toEqual(ids);
  });
});

describe('a grid that runs', () => {
  it('admits a member that is on no list', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await grid.propose(leader, 'x');
    const joined: string[] = [];
    leader.node.on('remote-peer-joined', (id) => joined.push(id));
    const late = await grid.start('d', { bootstrap: false });
    await grid.until(() => late.node.joined);
    expect(late.machine.applied).toEqual(['x']);
    expect(voters(leader)).toEqual(['a', 'b', 'c', 'd']);
    expect(joined).toEqual(['d']);
  });

  it('admits a member although the one that admitted it dies', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    const late = await grid.start('d', { bootstrap: false });
    await grid.until(() => late.node.members.length > 0);
    await grid.kill(leader);
    await grid.until(() => late.node.joined);
    const next = await grid.leader();
    expect(voters(next)).toContain('d');
  });

  it('has not joined while only the leader that promotes it knows, whom the others replace', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    const others = grid.members.filter((member) => member !== leader);
    const late = await grid.start('d', { bootstrap: false, onlyFollower: true });
    await grid.until(() => voters(leader).includes('d'));
    grid.network.partition([leader.node.id, 'd']);
    await grid.until(() => voters(late).includes('d'));
    await grid.clock.advance(50);
    expect([late.node.joined, late.events]).toEqual([false, []]);
    grid.network.heal();
    grid.network.partition([leader.node.id]);
    const next = await grid.leader(others);
    await grid.until(() => late.node.leaderId === next.node.id && late.node.joined);
    expect(next.node.report().term).toBeGreaterThan(leader.node.report().term);
    expect(late.events).toEqual(['joined']);
    grid.network.heal();
  });

  it('admits a member although the one that admitted it is cut off before anyone else knows', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const each = new TestGrid(seed);
      await each.startAll(ids);
      const leader = await each.leader();
      await each.propose(leader, 'x');
      const rest = each.members.filter((member) => member !== leader);
      each.network.partition(
        [leader.node.id],
        rest.map(({ node }) => node.id),
      );
      const late = await each.start('d', { bootstrap: false });
      await each.until(() => late.node.gridId !== undefined && leader.node.state !== 'leader', 5000);
      await each.until(() => late.node.joined, 20_000);
      expect(voters(await each.leader([...rest, late]))).toContain('d');
      await each.stop();
    }
  });

  it('does not let in again who was removed before it heard of its admission, until it was told as of when', async () => {
    await grid.startAll(ids, { removeDeadAfterInMs: 1500 });
    const leader = await grid.leader();
    const late = await grid.start('d', { bootstrap: false });
    const isCounted = () => leader.node.configuration.learners.some((learner) => learner.startsWith('d@'));
    await grid.until(isCounted);
    grid.network.partition(ids, ['d'], { oneWay: true });
    const before = late.node.member;
    await grid.until(() => !isCounted());
    await grid.clock.advance(5000);
    expect(isCounted()).toBe(false);
    grid.network.heal();
    await grid.until(() => late.node.joined && voters(leader).includes('d'));
    // It finds its removal in the log, and what it may have said before that is not to count after it.
    expect(late.events).toContain('rejoining');
    expect(leader.node.configuration.voters).not.toContain(before);
  });

  it('removes the dead after the time that was set, but never below a majority of the largest grid there was', async () => {
    await grid.startAll(['a', 'b', 'c', 'd', 'e'], { removeDeadAfterInMs: 5000 });
    await grid.leader();
    for (const left of [4, 3]) {
      const victim = grid.members.find(({ node }) => node.state !== 'leader');
      if (!victim) throw new Error('nobody');
      await grid.kill(victim);
      await grid.clock.advance(8000);
      expect(voters(await grid.leader()).length).toBe(left);
    }
    const victim = grid.members.find(({ node }) => node.state !== 'leader');
    if (!victim) throw new Error('nobody');
    await grid.kill(victim);
    await grid.clock.advance(20_000);
    expect(voters(await grid.leader()).length).toBe(3);
  });

  it('removes nobody on the word of a voter that has died since it sent it', async () => {
    const receivers = new Map<string, TransportReceiver>();
    const answers = new Map<string, Uint8Array>();
    for (const id of ids) {
      const transport = watchedTransport(
        grid.network.transport(),
        (receiver) => receivers.set(id, receiver),
        ({ type }, frame) => {
          if (type === MessageType.RAFT_APPEND_ENTRIES_RESPONSE) answers.set(id, frame.slice());
          return true;
        },
      );
      await grid.start(id, { peers: ids, removeDeadAfterInMs: 2000, transport });
    }
    const leader = await grid.leader();
    const [dead, cutOff] = grid.members.filter((member) => member !== leader);
    if (!dead || !cutOff) throw new Error('nobody');
    await grid.propose(leader, 'x');
    await grid.clock.advance(1000);
    await grid.kill(dead);
    const late = answers.get(dead.node.id) ?? new Uint8Array();
    grid.network.partition([cutOff.node.id]);
    for (let i = 0; i < 40; i++) {
      receivers.get(leader.node.id)?.frame(late.slice());
      await grid.clock.advance(100);
    }
    expect(leader.node.state).toBe('leader');
    expect(voters(leader)).toEqual(ids);
    grid.network.heal();
    await grid.propose(await grid.leader(), 'y');
  });

  it('promotes nobody that has died since it caught up, without whom too few would be left', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    const [dead, cutOff] = grid.members.filter((member) => member !== leader);
    if (!dead || !cutOff) throw new Error('nobody');
    await grid.propose(leader, 'x');
    await grid.kill(dead);
    grid.network.partition([cutOff.node.id]);
    const newcomer = await grid.start('d', { peers: ids });
    await grid.until(() => newcomer.node.commitIndex >= leader.node.commitIndex);
    await grid.clock.advance(100);
    await grid.kill(newcomer);
    await grid.clock.advance(100);
    grid.network.heal();
    await grid.clock.advance(5000);
    expect(leader.node.state).toBe('leader');
    expect(voters(leader)).toEqual(ids);
    await grid.propose(leader, 'y');
  });

  it('tells a member that was removed while it was cut off, which comes back as another', async () => {
    await grid.startAll(ids, { removeDeadAfterInMs: 5000 });
    const leader = await grid.leader();
    const cutOff = grid.members.find((member) => member !== leader);
    if (!cutOff) throw new Error('nobody');
    const before = cutOff.node.member;
    const term = leader.node.term;
    grid.network.partition([cutOff.node.id]);
    await grid.clock.advance(8000);
    expect(voters(leader).length).toBe(2);
    await grid.propose(leader, 'without it');
    grid.network.heal();
    await grid.until(() => cutOff.node.member !== before && cutOff.node.joined);
    expect(cutOff.events).toContain('rejoining');
    expect(cutOff.machine.applied).toEqual(['without it']);
    expect(leader.node.term).toBe(term);
  });

  for (const [kind, options] of [
    ['a voter that never stands', { onlyFollower: true }],
    ['a learner', { learner: true }],
  ] as const) {
    it(`tells ${kind} that was removed while it was cut off, though it asks for no votes`, async () => {
      const removeDeadAfterInMs = 5000;
      await grid.startAll(ids, { removeDeadAfterInMs });
      const leader = await grid.leader();
      const cutOff = await grid.start('d', { peers: ids, removeDeadAfterInMs, ...options });
      await grid.until(() => leader.node.members.includes(cutOff.node.member));
      await grid.propose(leader, 'with it');
      await grid.until(() => cutOff.machine.applied.length === 1);
      const before = cutOff.node.member;
      grid.network.partition([cutOff.node.id], ids);
      await grid.until(() => !leader.node.members.includes(before));
      const { term } = leader.node;
      grid.network.heal();
      await grid.until(() => leader.node.members.includes(cutOff.node.member), 5000);
      expect(cutOff.events).toContain('rejoining');
      expect(leader.node.members).not.toContain(before);
      await grid.propose(leader, 'with it again');
      await grid.until(() => cutOff.machine.applied.length === 2);
      expect(leader.node.term).toBe(term);
    });
  }

  for (const onlyFollower of [false, true]) {
    const who = onlyFollower ? 'that never stands' : 'that stands';
    it(`tells a member ${who} that was removed while it was cut off, though all that it knew were replaced since`, async () => {
      const removeDeadAfterInMs = 5000;
      await grid.startAll(ids, { removeDeadAfterInMs });
      const cutOff = await grid.start('d', { peers: ids, removeDeadAfterInMs, onlyFollower });
      await grid.until(() => cutOff.node.joined);
      const before = cutOff.node.member;
      grid.network.partition([cutOff.node.id], ids);
      const others = (): TestMember[] => grid.members.filter((member) => member !== cutOff);
      await grid.until(() => others().every(({ node }) => !node.members.includes(before)));
      for (const id of ids) {
        const [old] = others().filter(({ node }) => node.id === id);
        if (!old) throw new Error('nobody');
        await grid.kill(old);
        const next = await grid.start(id, { peers: ids, removeDeadAfterInMs });
        await grid.until(() => next.node.joined);
      }
      const leader = await grid.leader(others());
      await grid.propose(leader, 'without it');
      grid.network.heal();
      await grid.until(() => cutOff.node.member !== before && cutOff.node.joined, 5000);
      expect(cutOff.machine.applied).toEqual(['without it']);
    });
  }

  it('does not merge with another grid of its name that it meets', async () => {
    grid.network.partition(['x', 'y', 'z'], ids);
    await grid.startAll(ids);
    await grid.startAll(['x', 'y', 'z']);
    const first = await grid.leader(grid.members.slice(0, 3));
    const second = await grid.leader(grid.members.slice(3));
    grid.network.heal();
    await grid.until(() => [first, second].every(({ errors }) => errors.some(({ code }) => code === 'grid-conflict')));
    expect(first.node.gridId).not.toBe(second.node.gridId);
    await grid.propose(first, 'first');
    expect(second.machine.applied).toEqual([]);
  });
});

describe('the leader, on request', () => {
  it('removes a member and says when it is done; others say who leads', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    const [follower, victim] = grid.members.filter((member) => member !== leader);
    if (!follower || !victim) throw new Error('nobody');
    await expect(follower.node.removeMember(victim.node.id)).rejects.toMatchObject({
      code: 'not-leader',
      leaderId: leader.node.id,
    });
    const gone = victim.node.member;
    await grid.settle(leader.node.removeMember(victim.node.id));
    expect(leader.node.members).not.toContain(gone);
    await grid.until(() => victim.events.includes('rejoining'));
  });

  it('keeps a learner without a vote until it is to be a voter', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    const admitted = leader.node.addMember('d', { learner: true });
    const learner = await grid.start('d', { learner: true });
    await grid.settle(admitted);
    await grid.propose(leader, 'x');
    await grid.clock.advance(5000);
    expect(learner.machine.applied).toEqual(['x']);
    expect(voters(leader)).toEqual(ids);
    expect(learner.node.joined).toBe(false);
    await grid.settle(leader.node.addMember('d'));
    expect(voters(leader)).toEqual(['a', 'b', 'c', 'd']);
    await grid.until(() => learner.node.joined);
  });

  it('gives up on a member that never asks', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await expect(grid.settle(leader.node.addMember('x', { timeoutInMs: 500 }))).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('says whom it does not hear, and who needs a snapshot', async () => {
    const snapshotPolicy = { entries: 20, keepEntries: 2 };
    await grid.startAll(ids, { snapshotPolicy });
    const leader = await grid.leader();
    const silent: string[] = [];
    const unsynced: string[] = [];
    leader.node.on('no-heartbeat-from', (id) => silent.push(id));
    leader.node.on('unsynced-peer', (id) => unsynced.push(id));
    const cutOff = grid.members.find((member) => member !== leader);
    if (!cutOff) throw new Error('nobody');
    grid.network.partition([cutOff.node.id]);
    for (let i = 0; i < 50; i++) await grid.propose(leader, `entry ${i}`);
    await grid.clock.advance(5000);
    expect(silent).toEqual([cutOff.node.id]);
    grid.network.heal();
    await grid.until(() => cutOff.machine.applied.length === 50);
    expect(unsynced.length).toBeLessThanOrEqual(1);
  });
});

describe('a grid that lost its majority', () => {
  it('says so, does nothing by itself, and goes on from the survivor that is told to', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await grid.propose(leader, '1', '2');
    const [survivor, ...dead] = [leader, ...grid.members.filter((member) => member !== leader)];
    if (!survivor) throw new Error('nobody');
    expect(() => survivor.node.recover()).toThrow(expect.objectContaining({ code: 'unavailable' }));
    for (const member of dead) await grid.kill(member);
    const lost = survivor.node.propose(new TextEncoder().encode('3'), { timeoutInMs: 60_000 });
    const outcome = expect(lost).rejects.toMatchObject({ code: 'indeterminate' });
    await grid.until(() => survivor.events.includes('quorum-lost'));
    const before = survivor.node.gridId;
    const back = await grid.start('b' === survivor.node.id ? 'c' : 'b', { peers: ids });
    await grid.clock.advance(10_000);
    expect(back.node.joined).toBe(false);
    survivor.node.recover();
    await grid.until(() => survivor.node.state === 'leader' && back.node.joined);
    await outcome;
    expect(survivor.node.gridId).not.toBe(before);
    await grid.settle(back.node.barrier());
    // The survivor's log is kept whole: what it held may have been committed.
    expect(survivor.machine.applied).toEqual(['1', '2', '3']);
    expect(back.machine.applied).toEqual(['1', '2', '3']);
    await grid.propose(back, '4');
  });
});

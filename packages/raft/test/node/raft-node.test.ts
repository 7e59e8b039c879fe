import { MemoryNetwork } from '@hamok/transport/memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StateMachine } from '../../src/index.js';
import { bytes, TestGrid } from '../support/test-grid.js';

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

describe('three nodes with a list of peers', () => {
  it('elect one leader, and apply what each proposes in one order', async () => {
    const members = await grid.startAll(ids);
    const leader = await grid.leader();
    const proposals = members.flatMap(({ node }) => ['1', '2', '3'].map((n) => node.propose(bytes(`${node.id}${n}`))));
    const outcomes = await grid.settle(Promise.all(proposals));
    expect(new Set(outcomes.map(({ index }) => index)).size).toBe(9);
    await grid.settle(Promise.all(members.map(({ node }) => node.barrier())));
    for (const { machine } of members) expect(machine.applied).toEqual(members[0]?.machine.applied);
    for (const id of ids) {
      const own = members[0]?.machine.applied.filter((text) => text.startsWith(id));
      expect(own).toEqual([`${id}1`, `${id}2`, `${id}3`]);
    }
    expect(leader.node.report().followers.map(({ state }) => state)).toEqual(['replicate', 'replicate']);
  });

  it('elect another leader within three idle times when the first is gone', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const each = new TestGrid(seed);
      await each.startAll(ids);
      const first = await each.leader();
      await each.kill(first);
      const from = each.clock.now();
      const second = await each.leader();
      expect(each.clock.now() - from).toBeLessThan(3000);
      await each.propose(second, 'x');
      await each.stop();
    }
  });

  it('tell a proposal that was certainly not committed from one that may be', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await grid.propose(leader, 'committed');
    grid.network.partition([leader.node.id]);
    const cutOff = leader.node.propose(bytes('cut off'), { timeoutInMs: 60_000 });
    const rest = grid.members.filter((member) => member !== leader);
    const next = await grid.leader(rest);
    await grid.propose(next, 'after');
    grid.network.heal();
    await expect(grid.settle(cutOff)).rejects.toMatchObject({ code: 'not-committed', mayHaveHappened: false });
    expect(leader.machine.applied).toEqual(['committed', 'after']);
  });

  it('end a wait by its signal or its time, without knowing the outcome', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    grid.network.partition([leader.node.id]);
    const abort = new AbortController();
    const aborted = leader.node.propose(bytes('aborted'), { signal: abort.signal });
    const timedOut = leader.node.propose(bytes('timed out'), { timeoutInMs: 50 });
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'indeterminate', mayHaveHappened: true });
    await expect(grid.settle(timedOut)).rejects.toMatchObject({ code: 'indeterminate' });
    await expect(leader.node.propose(bytes('x'), { signal: abort.signal })).rejects.toMatchObject({
      code: 'indeterminate',
    });
  });

  it('make a leader that is cut off step down, and say so', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    grid.network.partition([leader.node.id]);
    await grid.until(() => leader.node.state !== 'leader', 2100);
    await grid.until(() => leader.events.includes('quorum-lost'), 10_000);
    grid.network.heal();
    await grid.until(() => leader.events.includes('quorum-regained'), 10_000);
  });

  it('hand leadership over on request', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    const other = ids.find((id) => id !== leader.node.id);
    await grid.settle(leader.node.transferLeadership(other));
    expect((await grid.leader()).node.id).toBe(other);
    await expect(leader.node.transferLeadership()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('hand leadership over to a voter that is heard, whoever else holds as much', async () => {
    const members = await grid.startAll(ids);
    const leader = await grid.leader();
    const [dead, other] = leader.node.members.flatMap(
      (voter) => members.find(({ node }) => node.member === voter && node !== leader.node) ?? [],
    );
    if (!dead || !other) throw new Error('nobody');
    await grid.kill(dead);
    await grid.clock.advance(1500);
    await grid.settle(leader.node.transferLeadership());
    expect((await grid.leader()).node).toBe(other.node);
  });

  it('ends calls on a member whose state machine failed, and takes nothing in there', async () => {
    const members = await grid.startAll(ids);
    const leader = await grid.leader();
    const follower = members.find((member) => member !== leader);
    if (!follower) throw new Error('no follower');
    leader.machine.apply = () => {
      throw new Error('from a newer release');
    };
    await expect(grid.settle(leader.node.propose(bytes('x')))).rejects.toMatchObject({ code: 'indeterminate' });
    expect(leader.errors.map(({ message }) => message)).toContain('from a newer release');
    const refusal = { code: 'member-failed', mayHaveHappened: false, cause: { message: 'from a newer release' } };
    const { node } = leader;
    const calls = [
      node.start(),
      node.submit(bytes('y')),
      node.propose(bytes('y')),
      node.barrier(),
      node.leave(),
      node.addMember('d'),
      node.removeMember('b'),
      node.transferLeadership(),
      node.fetchPeers(1000),
      node.takeSnapshot(),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject(refusal);
    expect(() => node.recover()).toThrow('from a newer release');
    expect([node.failure, node.joined, node.obstacle]).toMatchObject([refusal, false, node.failure?.message]);
    const sent = follower.node.propose(bytes('z'), { timeoutInMs: 60_000 });
    const { lastIndex } = leader.node.report().log;
    await grid.settle(Promise.allSettled([sent]));
    expect(leader.node.report().log.lastIndex).toBe(lastIndex);
  });

  it('go on when a listener throws, and say so', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    leader.node.on('commit', () => {
      throw new Error('from a listener');
    });
    leader.node.on('error', () => {
      throw new Error('from a listener of errors');
    });
    await grid.propose(leader, '1', '2');
    expect(leader.machine.applied).toEqual(['1', '2']);
    expect(leader.errors.map(({ message }) => message)).toContain('from a listener');
  });

  it('elect the one that began the grid at once', async () => {
    await grid.startAll(ids);
    await grid.leader();
    expect(grid.clock.now()).toBeLessThan(500);
  });

  it("end the leader's work when it stops", async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await grid.kill(leader);
    expect(leader.events.at(-1)).toBe('follower');
    expect(leader.node.state).toBe('follower');
  });

  it('never let an only-follower lead', async () => {
    await grid.start('a', { peers: ids, onlyFollower: true });
    await grid.start('b', { peers: ids, onlyFollower: true });
    await grid.start('c', { peers: ids });
    expect((await grid.leader()).node.id).toBe('c');
  });

  it('answer barriers of one turn with one question, from a follower too', async () => {
    const members = await grid.startAll(ids);
    const leader = await grid.leader();
    const follower = members.find((member) => member !== leader);
    if (!follower) throw new Error('no follower');
    await grid.propose(leader, 'x');
    const barriers = Promise.all(Array.from({ length: 100 }, () => follower.node.barrier()));
    const indexes = await grid.settle(barriers);
    expect(new Set(indexes).size).toBe(1);
    expect(follower.machine.applied).toEqual(['x']);
    expect(follower.node.report().counters.reads).toBe(1);
  });

  it('let the barrier of a leader that was deposed pass, as that of a follower', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await grid.propose(leader, 'x');
    const { term } = leader.node;
    grid.network.partition([leader.node.id]);
    const next = await grid.leader(grid.members.filter((member) => member !== leader));
    expect(leader.node.state).toBe('leader');
    const passed = leader.node.barrier();
    await grid.propose(next, 'y');
    grid.network.heal();
    await grid.settle(passed);
    expect(leader.node.state).toBe('follower');
    expect(leader.node.term).toBe(term + 1);
    expect(leader.machine.applied).toEqual(['x', 'y']);
  });

  it('refuse what is too large before anything is sent, and calls after the stop', async () => {
    const [member] = await grid.startAll(ids, { maxCommandBytes: 1000 });
    await grid.leader();
    if (!member) throw new Error('no member');
    await expect(member.node.propose(new Uint8Array(3000))).rejects.toMatchObject({ code: 'too-large' });
    await grid.kill(member);
    await expect(member.node.propose(bytes('x'))).rejects.toMatchObject({ code: 'closed' });
    await expect(member.node.barrier()).rejects.toMatchObject({ code: 'closed' });
    expect(member.node.send('b@1', bytes('x'))).toBe(false);
  });
});

describe('a transport', () => {
  it('has to carry what may be proposed', async () => {
    const transport = new MemoryNetwork({ maxFrameBytes: 1024 * 1024 }).transport();
    await expect(grid.start('a', { transport })).rejects.toMatchObject({
      code: 'configuration',
      field: 'maxCommandBytes',
    });
    const small = { transport, maxCommandBytes: 1000 };
    await expect(grid.start('a', small)).rejects.toMatchObject({ field: 'limits.maxBytesPerMessage' });
  });

  it('that does not take a request leaves nothing behind: the proposal is certainly not committed', async () => {
    const members = await grid.startAll(ids);
    const leader = await grid.leader();
    const follower = members.find((member) => member !== leader);
    if (!follower) throw new Error('no follower');
    grid.network.disconnect(follower.node.id);
    await grid.clock.advance(10);
    const refused = follower.node.propose(bytes('x'));
    await expect(grid.settle(refused)).rejects.toMatchObject({ code: 'not-committed', reason: 'unreachable' });
    grid.network.reconnect(follower.node.id);
    await grid.clock.advance(5000);
    await grid.propose(follower, 'y');
  });

  it('that throws is reported, and stops nothing', async () => {
    const wire = grid.network.transport();
    let broken = false;
    const transport = {
      maxFrameBytes: 16 * 1024 * 1024,
      get peers() {
        return wire.peers;
      },
      open: wire.open.bind(wire),
      close: wire.close.bind(wire),
      send: (frame: Uint8Array, to?: string) => {
        if (broken) throw new Error('broken');
        return wire.send(frame, to);
      },
    };
    await grid.start('a', { peers: ids, transport });
    for (const id of ['b', 'c']) await grid.start(id, { peers: ids });
    await grid.leader();
    broken = true;
    const rest = grid.members.filter(({ node }) => node.id !== 'a');
    await grid.until(() => rest.some(({ node }) => node.state === 'leader'));
    broken = false;
    await grid.propose(await grid.leader(), 'x');
    expect(grid.members[0]?.errors.map(({ message }) => message)).toContain('broken');
  });
});

describe('a wait', () => {
  it('is refused where its signal or its time makes no sense', async () => {
    const [member] = await grid.startAll(ids);
    await grid.leader();
    if (!member) throw new Error('no member');
    // @ts-expect-error not a signal
    await expect(member.node.barrier({ signal: {} })).rejects.toMatchObject({ field: 'signal' });
    for (const timeoutInMs of [-1, Number.NaN]) {
      await expect(member.node.barrier({ timeoutInMs })).rejects.toMatchObject({ field: 'timeoutInMs' });
    }
    await grid.settle(member.node.barrier({ timeoutInMs: Number.POSITIVE_INFINITY }));
    await grid.settle(member.node.barrier({ timeoutInMs: 1e12 }));
  });
});

describe('options', () => {
  it('are refused with the name of the field', async () => {
    const wrong = {
      heartbeatInMs: -1,
      followerMaxIdleInMs: Number.NaN,
      expectedPeers: 0,
      id: '',
      gridName: '',
      maxCommandBytes: 0.5,
      requestTimeoutInMs: -5,
      electionTimeoutInMs: Number.POSITIVE_INFINITY,
      removeDeadAfterInMs: Number.POSITIVE_INFINITY,
    };
    for (const [field, value] of Object.entries(wrong)) {
      const start = (): Promise<unknown> => new TestGrid().start('a', { [field]: value });
      await expect(start).rejects.toMatchObject({ code: 'configuration', field });
    }
    await expect(new TestGrid().start('a', { heartbeatInMs: 600 })).rejects.toMatchObject({ field: 'heartbeatInMs' });
    const apply = (): void => {};
    for (const stateMachine of [{} as StateMachine, { apply, async *snapshot() {} }, { apply, async restore() {} }])
      await expect(new TestGrid().start('a', { stateMachine })).rejects.toMatchObject({ field: 'stateMachine' });
  });
});

describe('limits', () => {
  it('refuse proposals and reads as busy, and let go again', async () => {
    const [member] = await grid.startAll(ids, { maxPending: 3, maxPendingBytes: 1000 });
    if (!member) throw new Error('no member');
    await grid.leader();
    grid.network.partition([member.node.id]);
    const waiting = [1, 2, 3].map((n) => member.node.propose(bytes(`${n}`), { timeoutInMs: 60_000 }));
    await expect(member.node.propose(bytes('4'))).rejects.toMatchObject({ code: 'busy', mayHaveHappened: false });
    const reads = [1, 2, 3].map(() => member.node.barrier({ timeoutInMs: 60_000 }));
    await expect(member.node.barrier()).rejects.toMatchObject({ code: 'busy' });
    grid.network.heal();
    await grid.settle(Promise.allSettled(waiting));
    await grid.settle(Promise.all(reads));
    await grid.propose(member, '5');
    const large = member.node.propose(new Uint8Array(999));
    await expect(member.node.propose(bytes('6'))).rejects.toMatchObject({ code: 'busy' });
    await grid.settle(large);
  });
});

import { HamokMessage } from '@hamok/messages';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, incarnationOf, type StateMachine, type Transport } from '../../src/index.js';
import { encodeGridMessage } from '../../src/wire/grid-frames.js';
import { Bus } from '../support/bus.js';
import { exported } from '../support/exported.js';
import { PausableClock } from '../support/pausable-clock.js';
import { bytes, ListMachine, TestGrid, type TestMember } from '../support/test-grid.js';

// The stories of FAILURES.md that are not told by the tests of membership and of the node.
const ids = ['a', 'b', 'c'];
let grid: TestGrid;

beforeEach(() => {
  grid = new TestGrid();
});

afterEach(async () => {
  await grid.stop();
});

/** The clock of a process whose date is a wrong one. */
function clockAt(wallTimeInMs: number): Clock {
  const { clock } = grid;
  return {
    now: () => clock.now(),
    wallTime: () => wallTimeInMs,
    setTimer: clock.setTimer.bind(clock),
    defer: clock.defer.bind(clock),
  };
}

function other(than: TestMember): TestMember {
  const found = grid.members.find((member) => member !== than);
  if (!found) throw new Error('nobody else');
  return found;
}

describe('a grid that is cut in two', () => {
  it('goes on where the majority is, and is one again afterwards', async () => {
    const members = await grid.startAll(['a', 'b', 'c', 'd', 'e']);
    const leader = await grid.leader();
    await grid.propose(leader, 'before');
    const small = [leader, other(leader)];
    const large = members.filter((member) => !small.includes(member));
    grid.network.partition(small.map(({ node }) => node.id));
    const lost = small.map(({ node }) => node.propose(bytes(`lost on ${node.id}`), { timeoutInMs: 60_000 }));
    const next = await grid.leader(large);
    await grid.propose(next, 'while cut');
    for (const { machine } of small) expect(machine.applied).toEqual(['before']);
    grid.network.heal();
    const outcomes = await grid.settle(Promise.allSettled(lost));
    await grid.propose(await grid.leader(), 'after');
    await grid.settle(Promise.all(members.map(({ node }) => node.barrier())));
    const [first] = members;
    for (const { machine } of members) expect(machine.applied).toEqual(first?.machine.applied);
    // What was proposed where the minority was: not committed for certain, or done once it could be.
    outcomes.forEach((outcome, i) => {
      const text = `lost on ${small[i]?.node.id}`;
      if (outcome.status === 'fulfilled') expect(first?.machine.applied).toContain(text);
      else if (outcome.reason.code === 'not-committed') expect(first?.machine.applied).not.toContain(text);
      else expect(outcome.reason.code).toBe('indeterminate');
    });
  });
});

describe('a member that is paused', () => {
  it('was the leader: another leads, and its writes of that time are not lost when it goes on', async () => {
    const clocks = new Map<string, PausableClock>();
    const bus = new Bus(grid.clock);
    for (const id of ids) {
      const clock = new PausableClock(grid.clock);
      clocks.set(id, clock);
      const wire = bus.transport();
      const transport = {
        ...wire,
        open: (local: Parameters<typeof wire.open>[0], receiver: Parameters<typeof wire.open>[1]) =>
          wire.open(local, { ...receiver, frame: (frame) => clock.run(() => receiver.frame(frame)) }),
      };
      await grid.start(id, { peers: ids, transport, clock });
    }
    const leader = await grid.leader();
    await grid.propose(leader, 'before');
    clocks.get(leader.node.id)?.pause();
    const rest = grid.members.filter((member) => member !== leader);
    const next = await grid.leader(rest);
    expect(leader.node.state).toBe('leader');
    await grid.propose(next, 'meanwhile');
    const stale = leader.node.propose(bytes('stale'), { timeoutInMs: 60_000 });
    clocks.get(leader.node.id)?.resume();
    const outcome = await grid.settle(
      stale.then(
        () => 'done',
        (error) => error.code,
      ),
    );
    await grid.until(() => leader.node.leaderId === next.node.id);
    await grid.settle(leader.node.barrier());
    expect(leader.machine.applied.slice(0, 2)).toEqual(['before', 'meanwhile']);
    expect(leader.machine.applied.includes('stale')).toBe(outcome === 'done');
  });
});

describe('a leader that was paused', () => {
  it('removes nobody whom it did not hear because it stood still itself', async () => {
    const clock = new PausableClock(grid.clock);
    const wire = grid.network.transport();
    const transport: Transport = {
      peers: wire.peers,
      send: (frame, to) => wire.send(frame, to),
      close: () => wire.close(),
      open: (local, receiver) =>
        wire.open(local, {
          ...receiver,
          frame: (frame) => {
            const kept = frame.slice();
            clock.run(() => receiver.frame(kept));
          },
        }),
    };
    const leader = await grid.start('a', { expectedPeers: 1, transport, clock });
    const learner = await grid.start('b', { learner: true });
    await grid.until(() => learner.node.members.length === 2);
    clock.pause();
    await grid.clock.advance(40_000);
    clock.resume();
    await grid.clock.advance(2000);
    expect(learner.events).not.toContain('rejoining');
    await grid.kill(learner);
    await grid.clock.advance(29_000);
    expect(leader.node.members.length).toBe(2);
    await grid.clock.advance(2000);
    expect(leader.node.members.length).toBe(1);
  });

  it('makes nobody go who came into the grid meanwhile, though it does not know of that yet', async () => {
    const paused = new Map<string, { readonly clock: PausableClock; inbox: Uint8Array[] | undefined }>();
    const take = new Map<string, (frame: Uint8Array) => void>();
    for (const id of ids) {
      const process = { clock: new PausableClock(grid.clock), inbox: undefined as Uint8Array[] | undefined };
      paused.set(id, process);
      const wire = grid.network.transport();
      const transport: Transport = {
        peers: wire.peers,
        send: (frame, to) => wire.send(frame, to),
        close: () => wire.close(),
        open: (local, receiver) => {
          take.set(id, receiver.frame);
          return wire.open(local, {
            ...receiver,
            frame: (frame) => (process.inbox ? void process.inbox.push(frame.slice()) : receiver.frame(frame)),
          });
        },
      };
      await grid.start(id, { peers: ids, transport, clock: process.clock });
    }
    const leader = await grid.leader();
    await grid.propose(leader, 'before');
    const process = paused.get(leader.node.id);
    if (!process) throw new Error('nobody');
    process.clock.pause();
    process.inbox = [];
    const rest = grid.members.filter((member) => member !== leader);
    const next = await grid.leader(rest);
    const late = await grid.start('d', { bootstrap: false });
    await grid.until(() => late.node.joined);
    await grid.propose(next, 'meanwhile');
    const { member } = late.node;
    // That it asked to be let in was lost on the way to the one that stands still.
    process.inbox = [];
    await grid.kill(next);
    await grid.clock.advance(4000);
    // What came meanwhile is there before its timers are, and of several connections in any order.
    const came = process.inbox.map((frame) => ({ frame, from: HamokMessage.fromBinary(frame).sourceId }));
    process.inbox = undefined;
    for (const { frame, from } of came) if (from === 'd') take.get(leader.node.id)?.(frame);
    process.clock.resume();
    const alive = [leader, late, ...rest.filter((other) => other !== next)];
    await grid.propose(await grid.leader(alive), 'after');
    await grid.until(() => alive.every(({ machine }) => machine.applied.length === 3));
    expect(late.node.member).toBe(member);
    expect(late.events).not.toContain('rejoining');
  });
});

describe('incarnations', () => {
  it('two live processes with one id: the second is told, and the first goes on', async () => {
    const bus = new Bus(grid.clock);
    for (const id of ids) await grid.start(id, { peers: ids, transport: bus.transport() });
    const leader = await grid.leader();
    const twin = await grid.start(other(leader).node.id, { peers: ids, transport: bus.transport() });
    await grid.clock.advance(10_000);
    expect(twin.errors.map(({ code }) => code)).toContain('duplicate-member');
    expect(twin.node.joined).toBe(false);
    expect(twin.node.configuration.voters).not.toContain(twin.node.member);
    await grid.propose(leader, 'x');
    expect(twin.machine.applied).toEqual([]);
  });

  it('an acknowledgement of the incarnation before counts for nothing', async () => {
    const held: (() => void)[] = [];
    let hold = false;
    const bus = new Bus(grid.clock, (_frame, hand) => (hold ? held.push(hand) : hand()));
    for (const id of ids) await grid.start(id, { peers: ids, transport: bus.transport() });
    const leader = await grid.leader();
    await grid.propose(leader, 'before');
    const restarting = other(leader);
    const third = grid.members.find((member) => member !== leader && member !== restarting);
    if (!third) throw new Error('no third');
    // Everything that is under way when it dies arrives after it is back.
    hold = true;
    const waiting = leader.node.propose(bytes('held'), { timeoutInMs: 60_000 });
    await grid.clock.advance(20);
    await grid.kill(restarting);
    hold = false;
    const back = await grid.start(restarting.node.id, { peers: ids, transport: bus.transport() });
    for (const hand of held.splice(0)) hand();
    await grid.settle(waiting);
    await grid.until(() => back.node.joined);
    await grid.settle(back.node.barrier());
    expect(back.machine.applied).toEqual(['before', 'held']);
    const matches = (await grid.leader()).node.report().followers.map(({ member }) => member);
    expect(matches).not.toContain(restarting.node.member);
  });

  it('a leader cut off together with a restarted voter cannot commit with it', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await grid.propose(leader, 'before');
    const restarting = other(leader);
    const third = grid.members.find((member) => member !== leader && member !== restarting);
    if (!third) throw new Error('no third');
    await grid.kill(restarting);
    grid.network.partition([third.node.id]);
    const back = await grid.start(restarting.node.id, { peers: ids });
    const waiting = leader.node.propose(bytes('cut off'), { timeoutInMs: 60_000 });
    await grid.clock.advance(20_000);
    // One of three voters is left where the leader is: the one that came back is not the voter it was.
    expect(back.node.joined).toBe(false);
    expect(leader.machine.applied).toEqual(['before']);
    grid.network.heal();
    await grid.until(() => back.node.joined);
    await grid.settle(Promise.allSettled([waiting]));
    await grid.settle(back.node.barrier());
    await grid.settle(third.node.barrier());
    expect(back.machine.applied).toEqual(third.machine.applied);
  });

  it('one whose clock went back comes back all the same', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    const gone = other(leader);
    await grid.kill(gone);
    const back = await grid.start(gone.node.id, { peers: ids, clock: clockAt(1000) });
    await grid.until(() => back.node.joined);
    expect(back.errors).toEqual([]);
  });

  it('two whose clocks went back, and who know of the same one before them, are two members', async () => {
    await grid.startAll(ids);
    const leader = await grid.leader();
    await grid.propose(leader, 'held');
    const { id, member: before } = other(leader).node;
    const base = await exported(leader);
    await grid.kill(other(leader));
    const incarnations = [incarnationOf(before)];
    for (let i = 0; i < 2; i++) {
      const back = await grid.start(id, { peers: ids, base, clock: clockAt(1000) });
      incarnations.push(incarnationOf(back.node.member));
      await grid.until(() => back.node.joined);
      await grid.settle(back.node.leave());
      await grid.settle(back.node.stop());
      grid.members.splice(grid.members.indexOf(back), 1);
    }
    expect(new Set(incarnations).size).toBe(3);
    expect(Math.min(...incarnations)).toBe(incarnations[0]);
  });

  it('a list that is old does not make a second grid', async () => {
    await grid.startAll(ids);
    await grid.leader();
    for (const id of ['d', 'e']) {
      const late = await grid.start(id, { bootstrap: false });
      await grid.until(() => late.node.joined);
    }
    const moved = grid.members.filter(({ node }) => node.id === 'd' || node.id === 'e');
    for (const member of grid.members.filter(({ node }) => node.id === 'a' || node.id === 'b')) {
      await grid.settle(member.node.stop());
      grid.members.splice(grid.members.indexOf(member), 1);
    }
    const gridId = (await grid.leader()).node.gridId;
    for (const id of ['a', 'b']) {
      const back = await grid.start(id, { peers: ids });
      await grid.until(() => back.node.joined);
      expect(back.node.gridId).toBe(gridId);
    }
    expect(moved[0]?.node.configuration.voters.length).toBe(5);
  });
});

describe('a member that fails', () => {
  it('stops for good, also where a timer of its own threw, and nothing of that reaches the event loop', async () => {
    const failures: unknown[] = [];
    class Broken extends ListMachine implements StateMachine {
      membersChanged(): void {
        throw new Error('from a newer release');
      }
    }
    const { node, errors } = await grid.start('a', { peers: ['a'], stateMachine: new Broken() });
    node.on('failed', (failure) => failures.push(failure));
    await grid.clock.advance(60_000);
    expect(errors.map(({ message }) => message)).toEqual(['from a newer release']);
    expect(failures).toEqual([node.failure]);
    expect(node.failure).toMatchObject({ code: 'member-failed', cause: errors[0] });
    expect([node.running, node.joined, node.leaderId]).toEqual([true, false, undefined]);
    await node.stop();
    expect(grid.clock.pending).toBe(0);
  });

  it('stops where no incarnation is left for it, which only made-up ones come to', async () => {
    const bus = new Bus(grid.clock);
    const { node, errors } = await grid.start('a', { peers: ids, transport: bus.transport() });
    const liar = bus.transport();
    await liar.open({ id: 'z', gridName: 'hamok' }, { frame() {}, connected() {}, disconnected() {}, error() {} });
    const present = `a@${Number.MAX_SAFE_INTEGER - 1}`;
    const answer = { from: 'z@1', to: 'a', gridId: 'g', members: [], leader: undefined, asOf: -1, base: undefined };
    liar.send(
      encodeGridMessage(
        {
          type: 'membership-response',
          ...answer,
          asker: node.member,
          action: 'join',
          outcome: 'superseded',
          present,
          parentGridId: undefined,
        },
        'hamok',
      ),
    );
    await grid.clock.advance(10_000);
    expect(errors.map(({ code }) => code)).toEqual(['stored-state']);
    expect(node.failure).toBe(errors[0]);
  });

  it('does not where its transport throws at a frame', async () => {
    const transport = grid.network.transport();
    const send = transport.send.bind(transport);
    const member = await grid.start('a', { peers: ['a'], transport });
    await grid.until(() => member.node.joined);
    transport.send = () => {
      throw new Error('no connection');
    };
    expect(member.node.send('b@1', bytes('x'))).toBe(false);
    transport.send = send;
    expect(member.errors.map(({ message }) => message)).toEqual(['no connection']);
    await grid.settle(member.node.barrier());
  });

  it('does not where it is given a frame of its own that its machine throws at', async () => {
    class Choosy extends ListMachine implements StateMachine {
      receive(): void {
        throw new Error('not that');
      }
    }
    const member = await grid.start('a', { peers: ['a'], stateMachine: new Choosy() });
    await grid.until(() => member.node.joined);
    expect(member.node.send(member.node.member, bytes('x'))).toBe(true);
    await grid.clock.advance(1);
    expect(member.errors.map(({ message }) => message)).toEqual(['not that']);
    await grid.settle(member.node.barrier());
  });
});

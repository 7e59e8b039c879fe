import { HamokMessage, MessageType } from '@hamok/messages';
import type { Transport, TransportReceiver } from '@hamok/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memberId } from '../../src/identity/member-id.js';
import { encodeGridMessage } from '../../src/wire/grid-frames.js';
import { encodeNotAMember } from '../../src/wire/submit-frames.js';
import { TestGrid, type TestMember } from '../support/test-grid.js';
import { watchedTransport } from '../support/watched-transport.js';

// Who is told that it left is no member any more, whatever else arrives while it waits.

const ids = ['a', 'b', 'c'];
const long = { timeoutInMs: 60_000 };
let grid: TestGrid;
let receivers: Map<string, TransportReceiver>;
/** What each was sent that tells of memberships, by id. */
let told: Map<string, Uint8Array[]>;
/** What gets through of what is sent by everybody. */
let passes: (frame: HamokMessage) => boolean;

beforeEach(() => {
  grid = new TestGrid();
  receivers = new Map();
  told = new Map();
  passes = () => true;
});

afterEach(async () => {
  await grid.stop();
  await grid.clock.advance(100); // frames under way
  expect(grid.clock.pending, 'timers left behind').toBe(0);
});

function recorded(id: string): Transport {
  return watchedTransport(
    grid.network.transport(),
    (receiver) => receivers.set(id, receiver),
    (message, frame) => {
      const { type, destinationId } = message;
      const tells = type === MessageType.MEMBERSHIP_RESPONSE || type === MessageType.NOT_A_MEMBER_NOTIFICATION;
      if (tells && destinationId !== undefined)
        told.set(destinationId, [...(told.get(destinationId) ?? []), frame.slice()]);
      return passes(message);
    },
  );
}

function start(id: string): Promise<TestMember> {
  return grid.start(id, { peers: ids, transport: recorded(id), removeDeadAfterInMs: 2000 });
}

/** All that a member was told of its membership so far arrives once more. */
function comeLate(id: string): void {
  for (const frame of told.get(id) ?? []) receivers.get(id)?.frame(frame.slice());
}

async function leaderAndFollower(): Promise<[TestMember, TestMember]> {
  for (const id of ids) await start(id);
  const leader = await grid.leader();
  const follower = grid.members.find((member) => member !== leader);
  if (!follower) throw new Error('nobody follows');
  return [leader, follower];
}

/** Leaves while nobody hears of that, and tells what it came to. */
function leaveUnheard({ node }: TestMember): { readonly left: Promise<void>; readonly outcome: () => string } {
  passes = ({ type, requestId }) => type !== MessageType.MEMBERSHIP_REQUEST || requestId !== 'leave';
  let outcome = 'pending';
  const left = node.leave(long).then(() => {
    outcome = 'left';
  });
  return { left, outcome: () => outcome };
}

describe('a member that leaves is not told so', () => {
  it('by the late answer to its request to join', async () => {
    const [leader] = await leaderAndFollower();
    const joined = await start('d');
    await grid.until(() => joined.node.joined);
    const { left, outcome } = leaveUnheard(joined);
    comeLate('d');
    await grid.clock.advance(500);
    expect(outcome()).toBe('pending');
    expect(leader.node.configuration.voters).toContain(joined.node.member);
    passes = () => true;
    await grid.settle(left);
    expect(leader.node.configuration.voters).not.toContain(joined.node.member);
  });

  it('by what an earlier incarnation of it was told', async () => {
    const [leader] = await leaderAndFollower();
    const before = await start('d');
    await grid.until(() => before.node.joined);
    await grid.settle(before.node.stop());
    grid.members.splice(grid.members.indexOf(before), 1);
    const earlier = told.get('d') ?? [];
    told.set('d', []);
    const back = await start('d');
    await grid.until(() => back.node.joined);
    const { left, outcome } = leaveUnheard(back);
    told.set('d', earlier);
    comeLate('d');
    await grid.clock.advance(500);
    expect(outcome()).toBe('pending');
    expect(leader.node.configuration.voters).toContain(back.node.member);
    passes = () => true;
    await grid.settle(left);
  });

  it('by a leader that did not count it before it was let in', async () => {
    const [leader, follower] = await leaderAndFollower();
    const { left, outcome } = leaveUnheard(follower);
    const { member, gridId = '', term } = leader.node;
    receivers.get(follower.node.id)?.frame(encodeNotAMember(member, follower.node.member, gridId, term));
    await grid.clock.advance(500);
    expect(outcome()).toBe('pending');
    passes = () => true;
    await grid.settle(left);
    expect(leader.node.configuration.voters).not.toContain(follower.node.member);
  });

  it('by a leader that cannot confirm that it still leads: another may have let it in', async () => {
    const [leader] = await leaderAndFollower();
    const { gridId = '' } = leader.node;
    const from = memberId('d', 1);
    const asking = { type: 'membership-request', from, gridId, action: 'leave', asOf: -1, base: undefined } as const;
    const ask = (): void => receivers.get(leader.node.id)?.frame(encodeGridMessage(asking, 'hamok'));
    grid.network.partition([leader.node.id], ids);
    for (let i = 0; i < 3; i++) {
      ask();
      await grid.clock.advance(50);
    }
    const answers = () => told.get('d')?.map((frame) => HamokMessage.fromBinary(frame).errorCode);
    expect([leader.node.state, answers()]).toEqual(['leader', undefined]);
    grid.network.heal();
    await grid.until(() => answers() !== undefined);
    expect(answers()).toEqual(['accepted']);
  });
});

import { MessageType } from '@hamok/messages';
import type { Transport, TransportReceiver } from '@hamok/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RaftNodeOptions } from '../../src/index.js';
import { TestGrid, type TestMember } from '../support/test-grid.js';
import { watchedTransport } from '../support/watched-transport.js';

// A membership is a session: what was asked for in one that is closed must not meet another one of the same name.

const ids = ['a', 'b', 'c'];
let grid: TestGrid;
let receivers: Map<string, TransportReceiver>;
/** What was asked of the grid, by id. */
let requests: Map<string, Uint8Array[]>;
/** Whether those who are no members are told so, by who leads. */
let areTold: boolean;

beforeEach(() => {
  grid = new TestGrid();
  receivers = new Map();
  requests = new Map();
  areTold = true;
});

afterEach(async () => {
  await grid.stop();
  await grid.clock.advance(100); // frames under way
  expect(grid.clock.pending, 'timers left behind').toBe(0);
});

function recorded(id: string): Transport {
  const asked: Uint8Array[] = [];
  requests.set(id, asked);
  return watchedTransport(
    grid.network.transport(),
    (receiver) => receivers.set(id, receiver),
    ({ type }, frame) => {
      if (type === MessageType.MEMBERSHIP_REQUEST) asked.push(frame.slice());
      return type !== MessageType.NOT_A_MEMBER_NOTIFICATION || areTold;
    },
  );
}

async function start(id: string, options: Partial<RaftNodeOptions> = {}): Promise<TestMember> {
  return grid.start(id, { peers: ids, removeDeadAfterInMs: 2000, transport: recorded(id), ...options });
}

/** All that a member asked for arrives once more. */
async function comeLate(id: string, at: TestMember): Promise<void> {
  for (const frame of requests.get(id) ?? []) receivers.get(at.node.id)?.frame(frame.slice());
  await grid.clock.advance(1000);
}

function isCounted(member: string, { node }: TestMember): boolean {
  const { voters, learners } = node.configuration;
  return [...voters, ...learners].includes(member);
}

describe('an incarnation that was removed is not let in again', () => {
  for (const compacted of [false, true]) {
    it(`by what it asked before, which comes late, where its removal is ${compacted ? 'compacted' : 'in the log'}`, async () => {
      const snapshotPolicy = { entries: 10, keepEntries: 1 };
      for (const id of ids) await start(id, { snapshotPolicy });
      const leader = await grid.leader();
      const gone = await start('d', { bootstrap: false, snapshotPolicy });
      await grid.until(() => gone.node.joined);
      const { member } = gone.node;
      await grid.kill(gone);
      await grid.until(() => !isCounted(member, leader));
      if (compacted) await grid.propose(leader, ...Array.from({ length: 30 }, (_, i) => `${i}`));
      await comeLate('d', leader);
      expect(isCounted(member, leader)).toBe(false);
    });
  }

  it('by what it asked as a learner, and gets a snapshot from after that', async () => {
    const snapshotPolicy = { entries: 10, keepEntries: 1 };
    for (const id of ids) await start(id, { snapshotPolicy });
    const leader = await grid.leader();
    const late = await start('d', { bootstrap: false, snapshotPolicy });
    const { member } = late.node;
    await grid.until(() => late.node.configuration.learners.includes(member) && late.node.appliedIndex > 0);
    requests.get('d')?.splice(0);
    grid.network.partition(['d'], ids);
    await grid.until(() => (requests.get('d') ?? []).length > 0);
    await grid.until(() => !isCounted(member, leader));
    await comeLate('d', leader);
    await grid.propose(leader, ...Array.from({ length: 30 }, (_, i) => `${i}`));
    grid.network.heal();
    await grid.until(() => late.node.joined);
    expect(late.events).toContain('rejoining');
    expect(late.node.member).not.toBe(member);
    expect(late.machine.applied).toHaveLength(30);
  });

  it('by what it asks as a learner that does not know of its removal: it learns that by the answer', async () => {
    areTold = false;
    for (const id of ids) await start(id);
    const leader = await grid.leader();
    const late = await start('d', { bootstrap: false });
    const { member } = late.node;
    await grid.until(() => late.node.configuration.learners.includes(member) && late.node.appliedIndex > 0);
    await grid.settle(leader.node.removeMember('d'));
    const seen: boolean[] = [];
    leader.node.on('commit', (_index, { configuration }) => {
      if (configuration) seen.push(isCounted(member, leader));
    });
    await grid.until(() => late.node.joined);
    expect(late.node.member).not.toBe(member);
    expect(late.events).toContain('rejoining');
    expect(seen).toEqual([false, false]);
  });
});

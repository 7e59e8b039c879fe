import { MemoryLog, MemorySnapshotStore } from '@hamok/raft';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hamok } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

let grid: TestGrid;

beforeEach(() => {
  grid = new TestGrid();
});

afterEach(() => grid.close());

/** What a member tells of itself and of who leads, in order. */
function follow(member: Hamok): string[] {
  const told: string[] = [];
  for (const event of ['started', 'rejoining', 'stopped', 'remote-peer-joined'] as const)
    member.on(event, () => void told.push(event));
  member.on('state-changed', (state, previous) => told.push(`${previous} to ${state}`));
  member.on('leader-changed', (leaderId, previous) => told.push(`${previous} then ${leaderId}`));
  return told;
}

describe('the events of a member', () => {
  it('begin with its start, also where its disk brings it back into its grid', async () => {
    const disk = { raftLogs: new MemoryLog(), snapshots: { store: new MemorySnapshotStore() } };
    const before = grid.member('a', { peers: ['a'], ...disk });
    await before.join();
    await grid.kill(before);
    const member = grid.member('a', { peers: ['a'], ...disk });
    const told = follow(member);
    await member.join();
    expect(told.slice(0, 2)).toEqual(['started', 'empty to follower']);
  });

  it('follow each other to its end, though it leads', async () => {
    await grid.joined(['a', 'b', 'c']);
    const leader = await grid.leader();
    const told = follow(leader);
    await leader.stop({ leave: false });
    const id = leader.localPeerId;
    expect(told).toEqual(['leader to follower', `${id} then undefined`, 'follower to empty', 'stopped']);
  });

  it('tell that nobody leads it, before it comes back as another', async () => {
    const members = await grid.joined(['a', 'b', 'c']);
    const leader = await grid.leader();
    const removed = other(members, leader);
    const told = follow(removed);
    const leaderThen: (string | undefined)[] = [];
    removed.on('rejoining', () => leaderThen.push(removed.leaderId));
    await leader.raft?.removeMember(removed.localPeerId);
    await grid.time.until(() => told.includes('rejoining'));
    expect(told.slice(0, 2)).toEqual([`${leader.localPeerId} then undefined`, 'rejoining']);
    expect(leaderThen).toEqual([undefined]);
  });

  it('tell once that a majority is lost, and that there is one again, also to who was stopped meanwhile', async () => {
    const members = await grid.joined(['a', 'b', 'c']);
    const leader = await grid.leader();
    const alone = other(members, leader);
    const told: string[] = [];
    for (const event of ['quorum-lost', 'quorum-regained', 'stopped'] as const) alone.on(event, () => told.push(event));
    grid.network.partition([alone.localPeerId]);
    await grid.time.until(() => told.includes('quorum-lost'));
    await alone.stop({ leave: false });
    grid.network.heal();
    await alone.join();
    expect(told).toEqual(['quorum-lost', 'stopped', 'quorum-regained']);
  });
});

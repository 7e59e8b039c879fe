import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytes, TestGrid, type TestMember } from '../support/test-grid.js';

const ids = ['a', 'b', 'c'];
const long = { timeoutInMs: 60_000 };
let grid: TestGrid;

beforeEach(() => {
  grid = new TestGrid();
});

afterEach(async () => {
  await grid.stop();
  await grid.clock.advance(100); // frames under way
  expect(grid.clock.pending, 'timers left behind').toBe(0);
});

async function cutOffLeader(): Promise<TestMember> {
  await grid.startAll(ids);
  const leader = await grid.leader();
  grid.network.partition([leader.node.id]);
  return leader;
}

describe('two who want the same member to leave', () => {
  it('are both told when it has', async () => {
    const { node } = await cutOffLeader();
    const leaving = [node.removeMember(node.id, long), node.stop()];
    await grid.clock.advance(500);
    grid.network.heal();
    await grid.settle(Promise.all(leaving), 5000);
  });

  it('do not give up for one another', async () => {
    const { node } = await cutOffLeader();
    const patient = node.leave(long);
    const aborted = node.leave({ signal: AbortSignal.abort() });
    const impatient = node.leave({ timeoutInMs: 100 });
    for (const ended of [aborted, impatient])
      await expect(grid.settle(ended)).rejects.toMatchObject({ code: 'unavailable' });
    grid.network.heal();
    await grid.settle(patient, 5000);
  });
});

describe('what is asked about members, and is not done yet', () => {
  it.each([
    ['leaving', ({ node }: TestMember) => node.leave(long), 'closed'],
    ['removing itself', ({ node }: TestMember) => node.removeMember(node.id, long), 'closed'],
    ['handing over', ({ node }: TestMember) => node.transferLeadership(undefined, long), 'closed'],
    ['letting in', ({ node }: TestMember) => node.addMember('d', long), 'not-leader'],
  ])('ends with the node: %s', async (_, ask, code) => {
    const leader = await cutOffLeader();
    const refusal = expect(ask(leader)).rejects.toMatchObject({ code });
    await grid.kill(leader);
    await refusal;
  });

  it.each([
    ['leaving', ({ node }: TestMember) => node.leave(long)],
    ['handing over', ({ node }: TestMember, to: string) => node.transferLeadership(to, long)],
    ['letting in', ({ node }: TestMember) => node.addMember('d', long)],
  ])('ends with the failure of the node: %s', async (_, ask) => {
    const members = await grid.startAll(ids);
    const leader = await grid.leader();
    const silent = members.find((member) => member !== leader)?.node.id ?? '';
    grid.network.partition([silent]);
    leader.machine.apply = () => {
      throw new Error('from a newer release');
    };
    const proposed = leader.node.propose(bytes('x'));
    await grid.clock.advance(0.5); // a leader that hands over takes nothing
    const asked = ask(leader, silent);
    await expect(grid.settle(Promise.allSettled([proposed, asked]), 5000)).resolves.toMatchObject([
      { reason: { code: 'indeterminate' } },
      { reason: { code: 'member-failed', cause: { message: 'from a newer release' } } },
    ]);
  });
});

describe('a backlog of what is committed', () => {
  it('is not applied any more once the node has stopped, and has no timer', async () => {
    const { node, machine } = await grid.start('a', { peers: ['a'] });
    await grid.until(() => node.state === 'leader');
    const proposed = Promise.allSettled(Array.from({ length: 10_000 }, (_, i) => node.propose(bytes(`${i}`))));
    await grid.until(() => machine.applied.length > 0);
    await node.stop({ leave: false });
    expect(machine.applied.length).toBeLessThan(10_000);
    expect(grid.clock.pending).toBe(0);
    await proposed;
  });
});

import { MemoryNetwork } from '@hamok/transport/memory';
import { afterEach, describe, expect, it } from 'vitest';
import { type Committed, RaftNode, type RaftNodeOptions, unwrapPayload } from '../../src/index.js';

const running: RaftNode[] = [];
const text = new TextDecoder();
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

class Recorder {
  readonly applied: string[] = [];
  apply({ data }: Committed): number {
    return this.applied.push(text.decode(unwrapPayload(data)));
  }
}

function node(network: MemoryNetwork, id: string, options: Partial<RaftNodeOptions> = {}): RaftNode {
  const created = new RaftNode({
    id,
    transport: network.transport(),
    heartbeatInMs: 10,
    followerMaxIdleInMs: 100,
    ...options,
  });
  created.on('error', (error) => console.error(id, error));
  running.push(created);
  return created;
}

function leaderOf(nodes: RaftNode[]): Promise<RaftNode> {
  return new Promise((resolve) => {
    const look = (): void => {
      const leader = nodes.find(({ state, running }) => running && state === 'leader');
      if (!leader || nodes.some((other) => other.running && other.leaderId !== leader.id)) return;
      for (const other of nodes) other.off('leader-changed', look).off('state-changed', look);
      resolve(leader);
    };
    for (const other of nodes) other.on('leader-changed', look).on('state-changed', look);
    look();
  });
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop({ leave: false })));
});

describe('three nodes with a list of peers', () => {
  it('elect one leader, and apply what each proposes in one order', async () => {
    const network = new MemoryNetwork();
    const ids = ['a', 'b', 'c'];
    const machines = ids.map(() => new Recorder());
    const nodes = ids.map((id, i) => node(network, id, { peers: ids, stateMachine: machines[i] ?? new Recorder() }));
    await Promise.all(nodes.map((each) => each.start()));
    const leader = await leaderOf(nodes);
    const outcomes = await Promise.all(
      nodes.flatMap((each) => ['1', '2', '3'].map((n) => each.propose(bytes(`${each.id}${n}`)))),
    );
    expect(new Set(outcomes.map(({ index }) => index)).size).toBe(9);
    await Promise.all(nodes.map((each) => each.barrier()));
    for (const machine of machines) expect(machine.applied).toEqual(machines[0]?.applied);
    for (const id of ids)
      expect(machines[0]?.applied.filter((entry) => entry.startsWith(id))).toEqual([`${id}1`, `${id}2`, `${id}3`]);
    expect(leader.report().followers.map(({ state }) => state)).toEqual(['replicate', 'replicate']);
  });

  it('elect another leader when the first is gone', async () => {
    const network = new MemoryNetwork();
    const ids = ['a', 'b', 'c'];
    const nodes = ids.map((id) => node(network, id, { peers: ids }));
    await Promise.all(nodes.map((each) => each.start()));
    const first = await leaderOf(nodes);
    await first.stop({ leave: false });
    const second = await leaderOf(nodes.filter((each) => each !== first));
    expect(second.term).toBeGreaterThan(1);
    await expect(second.propose(bytes('x'))).resolves.toMatchObject({ term: second.term });
  });

  it('let a member leave, and one with its id come back as another incarnation', async () => {
    const network = new MemoryNetwork();
    const ids = ['a', 'b', 'c'];
    const nodes = ids.map((id) => node(network, id, { peers: ids }));
    await Promise.all(nodes.map((each) => each.start()));
    const leader = await leaderOf(nodes);
    await leader.propose(bytes('before'));
    await leader.stop();
    const rest = nodes.filter((each) => each !== leader);
    await leaderOf(rest);
    expect(rest[0]?.members.length).toBe(2);
    const machine = new Recorder();
    const back = node(network, leader.id, { peers: ids, stateMachine: machine });
    const joined = new Promise((resolve) => back.once('joined', () => resolve(undefined)));
    await back.start();
    await joined;
    expect(machine.applied).toEqual(['before']);
    expect(back.configuration.voters.length).toBe(3);
    await expect(back.propose(bytes('after'))).resolves.toMatchObject({ result: 2 });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Committed, StateMachine } from '../../src/index.js';
import { TestGrid, type TestMember } from '../support/test-grid.js';
import type { VirtualClock } from '../support/virtual-clock.js';

const ids = ['a', 'b', 'c'];
const pieces = 100;
const pieceInMs = 15;
const heartbeatInMs = 100;

/** Writing and reading its state takes 1.5 s of work, in pieces of 64 KiB. */
class LaboriousMachine implements StateMachine {
  restored = 0;

  constructor(private readonly clock: VirtualClock) {}

  /** What is large takes as long as a piece of the state. */
  apply({ data }: Committed): void {
    if (data.byteLength > 64 * 1024) this.clock.spend(pieceInMs);
  }

  async *snapshot(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < pieces; i++) {
      this.clock.spend(pieceInMs);
      yield new Uint8Array(64 * 1024);
    }
  }

  async restore(_origin: unknown, data: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const _ of data) this.clock.spend(pieceInMs);
    this.restored++;
  }
}

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(() => grid.stop());

function startAll(): Promise<TestMember[]> {
  const options = () => ({
    peers: ids,
    snapshotPolicy: { entries: 0, bytes: 0, ageInMs: 0, keepEntries: 0 },
    stateMachine: new LaboriousMachine(grid.clock),
  });
  return Promise.all(ids.map((id) => grid.start(id, options())));
}

/** The longest time between two heartbeats while something is done. */
async function longestSilence({ node }: TestMember, work: () => Promise<void>): Promise<number> {
  let last = grid.clock.now();
  let longest = 0;
  const beat = (): void => {
    const now = grid.clock.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  node.on('heartbeat', beat);
  await work();
  beat();
  node.off('heartbeat', beat);
  return longest;
}

describe('a snapshot that is being written', () => {
  it('holds up no stop, and is dropped', async () => {
    const members = await startAll();
    const leader = await grid.leader();
    await grid.propose(leader, 'x');
    const taken = leader.node.takeSnapshot();
    const refused = expect(taken).rejects.toMatchObject({ code: 'closed' });
    await grid.clock.advance(10 * pieceInMs);
    await leader.node.stop({ leave: false });
    await refused;
    expect(members.flatMap(({ errors }) => errors)).toEqual([]);
  });
});

describe('a backlog of large entries', () => {
  it('is applied a quarter of a MiB at a time', async () => {
    const members = await startAll();
    const leader = await grid.leader();
    const proposals = Array.from({ length: pieces }, () => leader.node.propose(new Uint8Array(64 * 1024)));
    await grid.settle(Promise.all(proposals));
    await grid.until(() => members.every(({ node }) => node.appliedIndex === leader.node.appliedIndex));
    expect(grid.clock.longestTurnInMs).toBeLessThanOrEqual(4 * pieceInMs);
  });
});

describe('heartbeats', () => {
  it('leave on time while a snapshot is taken', async () => {
    await startAll();
    const leader = await grid.leader();
    await grid.propose(leader, 'x');
    const { term } = leader.node;
    const from = grid.clock.now();
    const silence = await longestSilence(leader, () => grid.settle(leader.node.takeSnapshot()));
    expect(grid.clock.now() - from).toBeGreaterThanOrEqual(pieces * pieceInMs);
    expect(silence).toBeLessThanOrEqual(heartbeatInMs + 2 * pieceInMs);
    expect(leader.node.term).toBe(term);
  });

  it('leave on time, and are answered, while a member receives and installs a snapshot', async () => {
    const members = await startAll();
    const leader = await grid.leader();
    const gone = members.find((member) => member !== leader);
    if (!gone) throw new Error('no follower');
    await grid.kill(gone);
    await grid.propose(leader, 'x', 'y', 'z');
    await grid.settle(leader.node.takeSnapshot());
    const { term } = leader.node;
    const machine = new LaboriousMachine(grid.clock);
    let unheard = 0;
    const silence = await longestSilence(leader, async () => {
      const back = await grid.start(gone.node.id, { peers: ids, stateMachine: machine });
      leader.node.on('heartbeat', () => {
        for (const { member, silentForMs } of leader.node.report().followers)
          if (member === back.node.member) unheard = Math.max(unheard, silentForMs);
      });
      await grid.until(() => back.node.joined);
    });
    expect(machine.restored).toBe(1);
    expect(silence).toBeLessThanOrEqual(heartbeatInMs + 2 * pieceInMs);
    expect(unheard).toBeLessThanOrEqual(2 * (heartbeatInMs + pieceInMs));
    expect(leader.node.term).toBe(term);
  });
});

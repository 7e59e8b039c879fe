import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemorySnapshotStore, type RaftNodeOptions, type StoredSnapshot } from '../../src/index.js';
import { ListMachine, TestGrid, type TestMember } from '../support/test-grid.js';
import type { VirtualClock } from '../support/virtual-clock.js';

const ids = ['a', 'b', 'c'];
const restoreInMs = 10_000;

/** Makes a state of what it has read, which takes its time and is not to be given up. */
class SlowMachine extends ListMachine {
  restoring = 0;
  mostAtATime = 0;

  constructor(private readonly clock: VirtualClock) {
    super();
  }

  override async restore(origin: unknown, data: AsyncIterable<Uint8Array>): Promise<void> {
    this.restoring++;
    this.mostAtATime = Math.max(this.mostAtATime, this.restoring);
    const read = new ListMachine();
    await read.restore(origin, data);
    if (read.applied.length > 0) await new Promise<void>((resolve) => this.clock.setTimer(resolve, restoreInMs));
    this.applied = read.applied;
    this.restores++;
    this.restoring--;
  }
}

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(() => grid.stop());

function start(id: string, options: Partial<RaftNodeOptions> = {}): Promise<TestMember & { machine: SlowMachine }> {
  const machine = new SlowMachine(grid.clock);
  const snapshotPolicy = { entries: 0, bytes: 0, ageInMs: 0, keepEntries: 0 };
  return grid
    .start(id, { peers: ids, stateMachine: machine, snapshotPolicy, ...options })
    .then((member) => ({ ...member, machine }));
}

/** A grid whose leader has a snapshot of these, and a member that installs it. */
async function installing(...texts: string[]) {
  const members = await Promise.all(ids.map((id) => start(id)));
  const leader = await grid.leader();
  const gone = members.find(({ node }) => node !== leader.node);
  if (!gone) throw new Error('no follower');
  const away = grid.members.find(({ node }) => node === gone.node);
  if (away) await grid.kill(away);
  await grid.propose(leader, ...texts);
  await grid.settle(leader.node.takeSnapshot());
  const index = leader.node.appliedIndex;
  const back = await start(gone.node.id);
  await grid.until(() => back.machine.restoring > 0);
  return { leader, back, index };
}

describe('a state machine is given one state at a time', () => {
  it('where its member is removed while it installs a snapshot, and returns', async () => {
    const { leader, back } = await installing('x', 'y');
    const { member } = back.node;
    await grid.settle(leader.node.removeMember(back.node.id));
    await grid.until(() => back.node.member !== member && back.node.joined);
    expect(back.machine.mostAtATime).toBe(1);
    expect(back.machine.applied).toEqual(['x', 'y']);
    expect(back.errors).toEqual([]);
  });

  it('before its member has stopped, which is then known to hold what was installed', async () => {
    const { back, index } = await installing('x', 'y');
    await grid.settle(back.node.stop({ leave: false }));
    expect(back.machine.restoring).toBe(0);
    expect(back.machine.applied).toEqual(['x', 'y']);
    expect(back.node.standing?.position.index).toBe(index);
    expect(back.errors).toEqual([]);
  });

  it('before its member has stopped that was about to begin a grid with it', async () => {
    const base = await stateOf('x', 'y');
    const member = await start('a', { peers: ['a'], base });
    await grid.until(() => member.machine.restoring > 0);
    await grid.settle(member.node.stop({ leave: false }));
    expect(member.machine.restoring).toBe(0);
    expect(member.node.gridId).toBeUndefined();
    expect(member.errors).toEqual([]);
  });

  it('and its member is not the base of another grid until that is done', async () => {
    const { back } = await installing('x', 'y');
    for (const member of [...grid.members]) if (member.node !== back.node) await grid.kill(member);
    await grid.until(() => back.events.includes('quorum-lost'));
    expect(back.machine.restoring).toBe(1);
    expect(() => back.node.recover()).toThrow(expect.objectContaining({ code: 'unavailable' }));
    await grid.until(() => back.machine.restoring === 0);
    back.node.recover();
    await grid.until(() => back.node.joined);
    expect(back.machine.applied).toEqual(['x', 'y']);
  });
});

async function stateOf(...texts: string[]): Promise<StoredSnapshot> {
  const machine = new ListMachine();
  machine.applied = texts;
  const meta = {
    gridId: 'before',
    position: { index: 10, term: 2, time: 5 },
    configuration: { voters: ['z@1'], learners: [] },
  };
  const writer = new MemorySnapshotStore().create(meta);
  for await (const chunk of machine.snapshot()) await writer.append(chunk);
  return writer.complete();
}

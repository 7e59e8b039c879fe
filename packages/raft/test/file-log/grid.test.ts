import { afterEach, expect, it } from 'vitest';
import { type Durability, FileLog } from '../../src/file-log/index.js';
import { MemorySnapshotStore, type RaftNodeOptions } from '../../src/index.js';
import { bytes, TestGrid, type TestMember } from '../support/test-grid.js';
import { FaultyFileSystem, type Loss } from './faulty-file-system.js';

const ids = ['a', 'b', 'c'];
const losses: readonly Loss[] = ['nothing', 'everything', 'sectors', 'bytes'];
let grid: TestGrid | undefined;

afterEach(() => grid?.stop());

/** Members over disks that lose what was not synced, and processes that die at any call to them. */
class World {
  readonly grid: TestGrid;
  readonly disks = new Map<string, FaultyFileSystem>();
  readonly snapshots = new Map<string, MemorySnapshotStore>();
  readonly acknowledged: string[] = [];
  #proposed = 0;

  constructor(
    seed: number,
    readonly durability: Durability,
  ) {
    this.grid = new TestGrid(seed);
    grid = this.grid;
    for (const id of ids) this.disks.set(id, new FaultyFileSystem(this.grid.random));
    for (const id of ids) this.snapshots.set(id, new MemorySnapshotStore());
  }

  up(limit: number): number {
    return Math.floor(this.grid.random() * limit);
  }

  async start(id: string): Promise<TestMember> {
    const { durability } = this;
    const { clock } = this.grid;
    const logStore = new FileLog('/log', { fileSystem: this.#diskOf(id), durability, segmentBytes: 4096, clock });
    const options: Partial<RaftNodeOptions> = {
      peers: ids,
      logStore,
      snapshotStore: this.snapshots.get(id) ?? new MemorySnapshotStore(),
      snapshotPolicy: { entries: 25, keepEntries: 4 },
    };
    return await this.grid.start(id, options);
  }

  /** What happens to a process that dies: a call to the disk was its last, and the power may go with it. */
  async crash(member: TestMember): Promise<void> {
    const disk = this.#diskOf(member.node.id);
    disk.crashAt = disk.calls;
    await this.grid.kill(member).catch(() => undefined);
    disk.crash(losses[this.up(losses.length)] ?? 'nothing');
  }

  /** Members propose; what is acknowledged is remembered. */
  propose(count: number): void {
    for (let i = 0; i < count; i++) {
      const member = this.grid.members[this.up(this.grid.members.length)];
      const text = `${this.#proposed++}`;
      member?.node.propose(bytes(text)).then(
        () => this.acknowledged.push(text),
        () => {},
      );
    }
  }

  /** Everything acknowledged is on every member, in one order, once. */
  async check(): Promise<void> {
    const { grid } = this;
    await grid.until(() => grid.members.every(({ node }) => node.joined), 60_000);
    await grid.settle(Promise.all(grid.members.map(({ node }) => node.barrier({ timeoutInMs: 60_000 }))), 60_000);
    const [first] = grid.members;
    const applied = first?.machine.applied ?? [];
    for (const { machine } of grid.members) expect(machine.applied).toEqual(applied);
    expect(new Set(applied).size).toBe(applied.length);
    const missing = this.acknowledged.filter((text) => !applied.includes(text));
    expect(missing).toEqual([]);
  }

  #diskOf(id: string): FaultyFileSystem {
    const disk = this.disks.get(id);
    if (!disk) throw new Error(id);
    return disk;
  }
}

const quiet = (error: unknown): string => String((error as { code?: string }).code ?? error);

it('members that die at any moment, one or all of them, lose nothing acknowledged at the level always', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const world = new World(seed, 'always');
    const identities = new Map<string, string>();
    for (const id of ids) await world.start(id);
    for (let round = 0; round < 8; round++) {
      await world.check();
      for (const { node, errors } of world.grid.members) {
        expect(errors.map(quiet)).toEqual([]);
        expect(identities.get(node.id) ?? node.member, `seed ${seed}, round ${round}`).toBe(node.member);
        identities.set(node.id, node.member);
      }
      world.propose(10 + world.up(60));
      await world.grid.clock.advance(world.up(30));
      const victims = world.up(2) === 0 ? [...world.grid.members] : [world.grid.members[world.up(3)]];
      for (const victim of victims) {
        if (!victim) continue;
        await world.grid.clock.advance(world.up(5));
        await world.crash(victim);
      }
      await world.grid.clock.advance(world.up(500));
      const down = ids.filter((id) => !world.grid.members.some(({ node }) => node.id === id));
      for (const id of down.sort(() => world.grid.random() - 0.5)) await world.start(id);
    }
    await world.check();
    await world.grid.stop();
  }
});

it.each(['interval', 'os'] as const)(
  'members that die one after another lose nothing acknowledged at the level %s',
  async (durability) => {
    for (let seed = 1; seed <= 4; seed++) {
      const world = new World(seed, durability);
      for (const id of ids) await world.start(id);
      for (let round = 0; round < 6; round++) {
        await world.check();
        world.propose(10 + world.up(60));
        await world.grid.clock.advance(world.up(30));
        const victim = world.grid.members[world.up(3)];
        if (!victim) throw new Error('nobody');
        const before = victim.node.member;
        await world.crash(victim);
        await world.grid.clock.advance(world.up(500));
        expect((await world.start(victim.node.id)).node.member).not.toBe(before);
      }
      await world.check();
      await world.grid.stop();
    }
  },
);

import { MemoryLog, MemorySnapshotStore } from '@hamok/raft';
import { afterEach, describe, expect, it } from 'vitest';
import type { Hamok, HamokCounter, HamokSemaphore, Hold } from '../src/index.js';
import { TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';
import { seeded } from './support/virtual-time.js';

noUnhandledRejections();

const peers = ['a', 'b', 'c'];
const endings = new Set(['not-committed', 'indeterminate', 'unavailable', 'closed']);
let grid: TestGrid;

afterEach(() => grid.close());

/** Members on disks, whose clocks go differently fast, by less than a part in a hundred. */
function makerOf(random: () => number): (peerId: string) => Hamok {
  const hosts = new Map(
    peers.map((peerId) => [
      peerId,
      {
        speed: 1 + (random() - 0.5) * 0.008,
        raftLogs: new MemoryLog(),
        snapshots: { store: new MemorySnapshotStore(), entries: 50, keepEntries: 10 },
      },
    ]),
  );
  return (peerId) => {
    const { speed, ...disk } = hosts.get(peerId) ?? expect.fail();
    const { time } = grid;
    const clock = {
      now: () => time.now() * speed,
      wallTime: () => time.wallTime(),
      setTimer: (callback: () => void, delayInMs: number) => time.setTimer(callback, delayInMs / speed),
      defer: (callback: () => void) => time.defer(callback),
    };
    return grid.member(peerId, { peers, clock, removeDeadAfterInMs: 2000, ...disk });
  };
}

/** What programs do with a semaphore and a counter, and what must hold of it whatever happens. */
class Programs {
  readonly problems: unknown[] = [];
  readonly #holds: Hold[] = [];
  readonly #told = new Set<number>();
  #latest = -1;
  #made = 0;
  #unknown = 0;
  #waiting = 0;

  constructor(
    private readonly permits: number,
    private readonly leaseInMs: number,
    private readonly random: () => number,
  ) {}

  semaphoreOf(member: Hamok): HamokSemaphore {
    const { permits, leaseInMs } = this;
    return member.getOrCreateSemaphore({ semaphoreId: 's', permits, leaseInMs });
  }

  counterOf(member: Hamok): HamokCounter {
    return member.getOrCreateCounter({ counterId: 'c' });
  }

  act(member: Hamok): void {
    const { random } = this;
    const timeoutInMs = random() * 3000;
    const choice = random();
    if (choice < 0.3) void this.#add(member, timeoutInMs);
    else if (choice < 0.5) void this.#hold(this.semaphoreOf(member).tryAcquire({ timeoutInMs }));
    else if (choice < 0.9) void this.#hold(this.semaphoreOf(member).acquire({ timeoutInMs }));
    else void this.#hold(this.semaphoreOf(member).acquire());
  }

  check(): void {
    const held = this.#holds.filter((hold) => hold.held);
    if (held.length > this.permits) this.problems.push(`at ${grid.time.now()} held: ${held.map(({ token }) => token)}`);
  }

  /** When everything has healed, everybody who waits is served, and everything comes to rest. */
  async settle(members: readonly Hamok[]): Promise<void> {
    for (let round = 0; this.#waiting > 0 && round < 300; round++) await grid.time.pass(1000);
    await grid.time.pass(10 * this.leaseInMs);
    const values = await Promise.all(members.map((member) => this.counterOf(member).read()));
    const free = members.map((member) => this.semaphoreOf(member).available);
    expect({ waiting: this.#waiting, free }).toEqual({ waiting: 0, free: members.map(() => this.permits) });
    const [value = Number.NaN] = values;
    expect(new Set(values).size).toBe(1);
    expect(value).toBeGreaterThanOrEqual(this.#made);
    expect(value).toBeLessThanOrEqual(this.#made + this.#unknown);
    expect(this.#told.size).toBe(this.#made);
    expect(this.#holds.length).toBeGreaterThan(0);
  }

  async #add(member: Hamok, timeoutInMs: number): Promise<void> {
    try {
      this.#told.add(await this.counterOf(member).add(1, { timeoutInMs }));
      this.#made++;
    } catch (error) {
      this.#failed(error);
      if (mayHaveHappened(error)) this.#unknown++;
    }
  }

  async #hold(asked: Promise<Hold | undefined>): Promise<void> {
    this.#waiting++;
    const held = await asked.catch((error: unknown) => this.#failed(error));
    this.#waiting--;
    if (held === undefined) return;
    this.#holds.push(held);
    this.check();
    if (this.permits === 1 && held.token <= this.#latest) this.problems.push(`${held.token} after ${this.#latest}`);
    this.#latest = held.token;
    await grid.time.pass(this.random() * (this.random() < 0.3 ? 5 * this.leaseInMs : 400));
    await held.release().catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): undefined {
    if (!(error instanceof Error && 'code' in error && endings.has(String(error.code)))) this.problems.push(error);
  }
}

function mayHaveHappened(error: unknown): boolean {
  return error instanceof Error && 'mayHaveHappened' in error && error.mayHaveHappened === true;
}

describe('there are never more holders than permits, nobody waits in vain, and each addition is made once', () => {
  it.each([1, 2, 3, 4, 5, 6])('while links, leaders and processes fail: %i', async (seed) => {
    const random = seeded(seed * 7919);
    grid = new TestGrid({ seed, faults: { loss: 0.02, duplication: 0.05, minDelayInMs: 1, maxDelayInMs: 20 } });
    const make = makerOf(random);
    const programs = new Programs(seed % 2 === 0 ? 3 : 1, 1000 + random() * 1000, random);
    const running = new Map<string, Hamok>();
    const joining: Promise<unknown>[] = [];
    const start = (peerId: string): Hamok => {
      const member = make(peerId);
      running.set(peerId, member);
      return member;
    };
    const join = (member: Hamok): void => {
      joining.push(
        member.join({ maxRetry: -1 }).catch((error: unknown) => expect(error).toMatchObject({ code: 'closed' })),
      );
    };
    for (const member of peers.map(start)) {
      programs.act(member);
      join(member);
    }
    await Promise.all(joining);
    while (grid.time.now() < 40_000) {
      const peerId = peers[Math.floor(random() * peers.length)] ?? expect.fail();
      const member = running.get(peerId);
      const choice = random();
      if (member === undefined) {
        if (choice < 0.1) join(start(peerId));
      } else if (choice < 0.9) programs.act(member);
      else if (choice < 0.93) grid.network.partition([peerId]);
      else if (choice < 0.945) grid.network.heal();
      else if (choice < 0.955) programs.semaphoreOf(member).close();
      else if (choice < 0.96) {
        running.delete(peerId);
        await grid.kill(member);
      }
      await grid.time.pass(random() * 150);
      programs.check();
    }
    grid.network.heal();
    for (const peerId of peers) if (!running.has(peerId)) join(start(peerId));
    await Promise.all(joining);
    await programs.settle([...running.values()]);
    expect([programs.problems, grid.errors]).toEqual([[], []]);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import type { Hamok, Hold } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

const ids = ['a', 'b', 'c'];
let grid: TestGrid;

afterEach(() => grid.close());

const lockOf = (member: Hamok) => member.getOrCreateLock({ lockId: 'l' });

describe('a lock', () => {
  it('has one holder at a time while holders are cut off, and each learns in time that it is none', async () => {
    grid = new TestGrid({ faults: { loss: 0.02, duplication: 0.05, minDelayInMs: 1, maxDelayInMs: 10 } });
    const members = await grid.joined(ids);
    const tokens: number[] = [];
    let inside = 0;
    let lost = 0;
    let stays = false;
    const staying: Hamok[] = [];
    const work = async (member: Hamok, { token, signal }: Hold): Promise<void> => {
      expect(++inside).toBe(1);
      tokens.push(token);
      const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      if (stays) {
        staying.push(member);
        await over;
        expect(signal.reason).toMatchObject({ code: 'hold-lost', reason: 'not-renewed' });
        lost++;
      } else await grid.time.pass(50);
      inside--;
    };
    let working = true;
    const keepWorking = async (member: Hamok): Promise<void> => {
      while (working) await lockOf(member).run((held) => work(member, held));
    };
    const all = Promise.all(members.map(keepWorking));
    for (let round = 0; round < 3; round++) {
      await grid.time.pass(2000);
      stays = true;
      await grid.time.until(() => staying.length > round);
      stays = false;
      grid.network.partition([(staying[round] ?? expect.fail()).localPeerId]);
      const before = tokens.length;
      await grid.time.pass(20_000);
      expect(tokens.length).toBeGreaterThan(before);
      grid.network.heal();
    }
    working = false;
    await all;
    expect(lost).toBe(3);
    expect(tokens).toEqual([...new Set(tokens)].sort((x, y) => x - y));
    await grid.settled();
    expect(members.map((member) => lockOf(member).locked)).toEqual([false, false, false]);
  });

  it('of a member that dies is free when the lease is over, and of one that closes and gives it back first, at once', async () => {
    grid = new TestGrid();
    const members = await grid.joined(ids);
    const leader = await grid.leader();
    const follower = other(members, leader);
    await lockOf(follower).acquire();
    const began = grid.time.now();
    await grid.kill(follower);
    const held = await lockOf(leader).acquire();
    expect(grid.time.now() - began).toBeGreaterThan(9000);
    expect(grid.time.now() - began).toBeLessThan(10_500);
    const next = lockOf(other(grid.members, leader)).acquire({ timeoutInMs: 100 });
    await held.release();
    await expect(next).resolves.toMatchObject({ held: true });
  });

  it('is lost to who holds it when the member is closed', async () => {
    grid = new TestGrid();
    const [member] = await grid.joined(['a']);
    const held = await lockOf(member ?? expect.fail()).acquire();
    await member?.close();
    expect(held.signal.reason).toMatchObject({ code: 'closed' });
    expect(grid.time.pending).toBe(0);
  });

  it('comes to every member, however fast the leader takes it again', async () => {
    grid = new TestGrid({ faults: { minDelayInMs: 2, maxDelayInMs: 4 } });
    const members = await grid.joined(ids);
    const leader = await grid.leader();
    const far = lockOf(other(members, leader));
    await Promise.all([lockOf(leader).ready, far.ready]);
    let busy = true;
    let count = 0;
    const keepTaking = async (): Promise<void> => {
      for (; busy; count++) await lockOf(leader).run(() => grid.time.pass(50));
    };
    const taking = keepTaking();
    for (let round = 0; round < 10; round++) await far.run(() => undefined, { timeoutInMs: 1000 });
    busy = false;
    await taking;
    expect(count).toBeGreaterThan(5);
  });

  it.each(['acquire', 'tryAcquire'] as const)(
    'stays with its holder when others give up that asked before they were in a grid, as it did (%s)',
    async (ask) => {
      grid = new TestGrid({ faults: { minDelayInMs: 20, maxDelayInMs: 20 } });
      const members = grid.list(ids);
      const enough = new AbortController();
      const asked = members.map(async (member) => {
        const got = await lockOf(member)[ask]({ signal: enough.signal });
        enough.abort();
        return got;
      });
      const outcomes = Promise.allSettled(asked);
      await Promise.all(members.map((each) => each.join()));
      const held = (await outcomes).flatMap((each) => (each.status === 'fulfilled' ? (each.value ?? []) : []));
      expect(held).toHaveLength(1);
      await grid.time.pass(1000);
      expect([held[0]?.held, ...members.map((member) => lockOf(member).locked)]).toEqual([true, true, true, true]);
    },
  );

  it('waits for the grid of a member that has none yet', async () => {
    grid = new TestGrid();
    const members = grid.list(ids);
    const early = lockOf(members[0] ?? expect.fail()).acquire();
    await Promise.all(members.map((each) => each.join()));
    await expect(early).resolves.toMatchObject({ held: true });
  });
});

describe('a semaphore', () => {
  it('gives its permits to members that come and go', async () => {
    grid = new TestGrid();
    const members = await grid.joined(ids);
    const semaphores = members.map((each) => each.createSemaphore({ semaphoreId: 's', permits: 2, leaseInMs: 3000 }));
    let [inside, most] = [0, 0];
    const work = async () => {
      most = Math.max(most, ++inside);
      await grid.time.pass(20);
      inside--;
    };
    await Promise.all(semaphores.flatMap((each) => Array.from({ length: 10 }, () => each.run(work))));
    await grid.settled();
    expect([most, semaphores.map(({ available }) => available)]).toEqual([2, [2, 2, 2]]);
  });
});

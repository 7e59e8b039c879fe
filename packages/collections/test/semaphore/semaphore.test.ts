import { describe, expect, it } from 'vitest';
import type { Hold } from '../../src/index.js';
import { settle } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';
import { watched } from '../lock/locks.js';

async function startSemaphores(permits: number) {
  const started = await startGrid(3);
  const semaphores = started.members.map((each) => each.createSemaphore({ semaphoreId: 's', permits }));
  await Promise.all(semaphores.map(({ ready }) => ready));
  const [a, b] = semaphores;
  if (a === undefined || b === undefined) return expect.fail();
  return { ...started, semaphores, a, b };
}

describe('a semaphore', () => {
  it('has as many holders as permits, over all members, and no more', async () => {
    const { semaphores, a } = await startSemaphores(3);
    let [inside, most] = [0, 0];
    const tokens = new Set<number>();
    const work = async ({ token }: Hold) => {
      tokens.add(token);
      most = Math.max(most, ++inside);
      await settle();
      inside--;
    };
    await Promise.all(semaphores.flatMap((each) => Array.from({ length: 20 }, () => each.run(work))));
    expect([most, tokens.size, a.available, a.permits]).toEqual([3, 60, 3, 3]);
  });

  it('has members that ask at once ask for different permits, so that nobody comes too late', async () => {
    const { grid, semaphores, a } = await startSemaphores(6);
    const before = grid.log.length;
    const ask = () => semaphores.flatMap((each) => [each.acquire(), each.acquire()]);
    const holds = await Promise.all(ask());
    expect([grid.log.length - before, a.available]).toEqual([6, 0]);
    await Promise.all(holds.map((held) => held.release()));
    const tried = await Promise.all(semaphores.map((each) => each.tryAcquire()));
    expect([grid.log.length - before, tried.every((held) => held?.held)]).toEqual([15, true]);
  });

  it('has them do so whatever they know of each other from', async () => {
    const { grid, semaphores } = await startSemaphores(3);
    await grid.reincarnate('b@1', 'b@2', 'log');
    grid.member('c@1').paused = true;
    await (await semaphores[0]?.acquire())?.release();
    await grid.sendSnapshot('c@1');
    grid.member('c@1').paused = false;
    const before = grid.log.length;
    await Promise.all(semaphores.map((each) => each.acquire()));
    expect(grid.log.length - before).toBe(3);
  });

  it('gives what is lost or given back to who waits, and leaves the others alone', async () => {
    const { grid, clock, a, b } = await startSemaphores(2);
    const [first, second] = [await a.acquire(), await b.acquire()];
    expect(a.available).toBe(0);
    await expect(a.tryAcquire()).resolves.toBeUndefined();
    const third = watched(a.acquire());
    const fourth = watched(a.acquire());
    grid.fate = (from) => (from === 'b@1' ? 'lose' : 'commit');
    await clock.advance(11_000);
    expect([first.held, second.held, third.value?.held, fourth.value]).toEqual([true, false, true, undefined]);
    await first.release();
    await settle();
    expect(fourth.value?.held).toBe(true);
    expect(fourth.value?.token).toBeGreaterThan(third.value?.token ?? Number.NaN);
  });

  it('refuses a number of permits that cannot be', async () => {
    const { member } = await startSemaphores(1);
    for (const permits of [0, 1.5, 1025, Number.NaN])
      expect(() => member(0).createSemaphore({ semaphoreId: 't', permits })).toThrow('permits: must be a whole number');
    const semaphore = member(0).getOrCreateSemaphore({ semaphoreId: 't', permits: 1024 });
    expect(semaphore.available).toBe(1024);
    expect(member(0).getOrCreateSemaphore({ semaphoreId: 't', permits: 2 })).toBe(semaphore);
    expect(() => member(0).getOrCreateLock({ lockId: 't' })).toThrow('"t" is a semaphore, not a lock');
  });
});

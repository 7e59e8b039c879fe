import { describe, expect, it } from 'vitest';
import type { Hold } from '../../src/index.js';
import { settle } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';
import { startLocks, watched } from './locks.js';

describe('a lock', () => {
  it('has one holder at a time, over all members, with growing tokens', async () => {
    const { locks, members } = await startLocks();
    const tokens: number[] = [];
    let inside = 0;
    const work = async ({ token, held }: Hold) => {
      expect([++inside, held]).toEqual([1, true]);
      tokens.push(token);
      await settle();
      inside--;
    };
    await Promise.all(locks.flatMap((lock) => Array.from({ length: 20 }, () => lock.run(work))));
    expect(tokens).toHaveLength(60);
    expect(tokens).toEqual([...new Set(tokens)].sort((x, y) => x - y));
    expect(locks.map(({ locked }) => locked)).toEqual([false, false, false]);
    for (const member of members) member.close();
  });

  it('serves the callers of one member in their order, and lets one of them ask at a time', async () => {
    const { grid, a, b } = await startLocks();
    const held = await a.acquire();
    const order: number[] = [];
    const waiting = Promise.all([0, 1, 2, 3].map((i) => b.run(() => order.push(i))));
    await settle();
    const before = grid.log.length;
    await held.release();
    await waiting;
    expect(order).toEqual([0, 1, 2, 3]);
    // One insertion and one removal each, after the removal that made it free.
    expect(grid.log.length - before).toBe(9);
  });

  it('is kept for longer than its lease, until it is released', async () => {
    const { clock, a, b } = await startLocks({ leaseInMs: 1000 });
    const held = await a.acquire();
    const next = watched(b.acquire());
    await clock.advance(60_000);
    expect([held.held, held.signal.aborted, next.value]).toEqual([true, false, undefined]);
    await expect(held.release()).resolves.toBe(true);
    await settle();
    expect(next.value?.held).toBe(true);
    expect(next.value?.token).toBeGreaterThan(held.token);
    expect([held.held, held.signal.aborted]).toEqual([false, false]);
  });

  it('is given back once', async () => {
    const { a, b } = await startLocks();
    const held = await a.acquire();
    await expect(Promise.all([held.release(), held.release()])).resolves.toEqual([true, true]);
    const next = await b.acquire();
    await expect(held.release()).resolves.toBe(true);
    expect(next.held).toBe(true);
  });

  it('says at once that it is taken, to who does not wait', async () => {
    const { grid, a, b, c } = await startLocks();
    const held = await b.tryAcquire();
    expect(held?.held).toBe(true);
    await expect(a.tryAcquire()).resolves.toBeUndefined();
    // This one has not heard yet that it was given back.
    grid.member('c@1').paused = true;
    await held?.release();
    const late = watched(c.tryAcquire());
    await settle();
    expect(c.locked).toBe(true);
    grid.member('c@1').paused = false;
    grid.commit();
    await settle();
    expect(late.value?.held).toBe(true);
  });

  it('runs work, gives back what it held, and says what the work said', async () => {
    const { a, b } = await startLocks();
    await expect(a.run(async ({ token }) => token)).resolves.toBeGreaterThan(0);
    await expect(a.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(
      a.run(() => {
        throw new Error('never');
      }),
    ).rejects.toThrow('never');
    await expect(b.tryAcquire()).resolves.toBeDefined();
  });

  it('is given back at the end of a block', async () => {
    const { a, b } = await startLocks();
    {
      await using held = await a.acquire();
      expect([held.held, b.locked]).toEqual([true, true]);
    }
    expect(b.locked).toBe(false);
  });

  it('is one collection among others', async () => {
    const { member } = await startGrid(2);
    const [first, second] = [member(0), member(1)];
    const lock = first.createLock({ lockId: 'l' });
    await expect(lock.ready).resolves.toBe(lock);
    expect([first.storages.get('l'), lock.id, lock.closed]).toEqual([lock, 'l', false]);
    let existed = false;
    expect(first.getOrCreateLock({ lockId: 'l' }, (did) => (existed = did))).toBe(lock);
    expect(existed).toBe(true);
    expect(() => first.createLock({ lockId: 'l' })).toThrow('exists already');
    expect(() => first.getOrCreateMap({ mapId: 'l' })).toThrow('"l" is a lock, not a map');
    expect(() => first.getOrCreateSemaphore({ semaphoreId: 'l', permits: 2 })).toThrow(
      '"l" is a lock, not a semaphore',
    );
    await second.createQueue({ queueId: 'q' }).ready;
    expect(() => second.getOrCreateLock({ lockId: 'q' })).toThrow('"q" is a queue, not a lock');
    expect(() => first.createLock({ lockId: 'q' })).toThrow('"q" is a queue, not a map');
    expect(() => first.createLock({ lockId: '' })).toThrow('lockId');
    for (const leaseInMs of [999, Number.POSITIVE_INFINITY, Number.NaN])
      expect(() => first.createLock({ lockId: 'other', leaseInMs })).toThrow(
        'leaseInMs: must be a finite number from 1000',
      );
    expect(first.storages.has('other')).toBe(false);
  });
});

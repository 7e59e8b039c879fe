import { describe, expect, it } from 'vitest';
import { settle } from '../../src/testing/index.js';
import { reasonOf, startLocks, watched } from './locks.js';

/** What a holds is given back, and a has it once more before b, which waited, could take it: b is the next. */
async function comeTooLate(
  { grid, clock, a, b }: Awaited<ReturnType<typeof startLocks>>,
  options?: { readonly signal: AbortSignal },
) {
  const held = await a.acquire();
  const late = watched(b.acquire(options));
  await settle();
  grid.fate = (from) => (from === 'b@1' ? 'delay' : 'commit');
  await held.release();
  const again = await a.acquire();
  await settle();
  grid.fate = () => 'commit';
  grid.release();
  await clock.advance(100);
  return { again, late };
}

describe('who waits for a lock', () => {
  it('and gives up, holds nothing, and leaves nothing behind', async () => {
    const { grid, clock, a, b, c } = await startLocks();
    const held = await a.acquire();
    const timers = clock.pendingTimers;
    const controller = new AbortController();
    const aborted = expect(b.acquire({ signal: controller.signal })).rejects.toMatchObject({
      code: 'not-committed',
      reason: 'aborted',
      cause: 'enough',
    });
    const timedOut = expect(b.acquire({ timeoutInMs: 100 })).rejects.toMatchObject({
      code: 'not-committed',
      reason: 'timed-out',
    });
    const last = watched(b.acquire());
    controller.abort('enough');
    await aborted;
    await clock.advance(100);
    await timedOut;
    await expect(b.acquire({ signal: controller.signal })).rejects.toMatchObject({ reason: 'aborted' });
    await expect(b.acquire({ timeoutInMs: -1 })).rejects.toMatchObject({ code: 'option', field: 'timeoutInMs' });
    const before = grid.log.length;
    await held.release();
    await settle();
    expect(last.value?.held).toBe(true);
    expect(grid.log.length - before).toBe(2);
    await last.value?.release();
    await expect(c.tryAcquire().then((other) => other?.release())).resolves.toBe(true);
    expect(clock.pendingTimers).toBeLessThan(timers);
  });

  it.each(['timeout', 'signal'] as const)(
    'and gives up while its request is under way, by its %s, has it taken back',
    async (how) => {
      const { grid, clock, b, c } = await startLocks();
      grid.holding = true;
      const controller = new AbortController();
      const waiting = how === 'timeout' ? { timeoutInMs: 50 } : { signal: controller.signal };
      const given = expect(b.acquire(waiting)).rejects.toMatchObject({ code: 'not-committed' });
      const tried = expect(b.tryAcquire({ ...waiting })).rejects.toMatchObject({ code: 'indeterminate' });
      await clock.advance(50);
      controller.abort();
      await Promise.all([given, tried]);
      grid.holding = false;
      grid.commit();
      await settle();
      expect(c.locked).toBe(false);
      await expect(c.tryAcquire()).resolves.toBeDefined();
    },
  );

  it('asks again in another session when its own has ended', async () => {
    const { grid, clock, b, c } = await startLocks();
    grid.fate = (from) => (from === 'b@1' ? 'lose' : 'commit');
    const waiting = watched(b.acquire());
    const held = watched(c.acquire());
    await settle();
    await grid.reincarnate('b@1', 'b@2');
    grid.fate = () => 'commit';
    await clock.advance(1000);
    expect([held.value?.held, waiting.value, waiting.error]).toEqual([true, undefined, undefined]);
    await held.value?.release();
    await settle();
    expect(waiting.value?.held).toBe(true);
    expect([c.locked, waiting.value?.token === undefined]).toEqual([true, false]);
  });

  it('longer than a lease for an answer, has a whole one from then on', async () => {
    const { grid, clock, b, c } = await startLocks();
    grid.holding = true;
    const waiting = watched(b.acquire());
    await clock.advance(12_000);
    grid.holding = false;
    grid.commit();
    await settle();
    expect([waiting.value?.held, c.locked]).toEqual([true, true]);
    grid.fate = () => 'lose';
    await clock.advance(9899);
    expect(waiting.value?.held).toBe(true);
  });

  it('and came too late is the next, until it does not wait any more', async () => {
    const controller = new AbortController();
    const started = await startLocks();
    const { again, late } = await comeTooLate(started, { signal: controller.signal });
    const { grid, clock, a, c } = started;
    // Now it is, and nobody passes it, though it cannot be heard.
    grid.fate = (from) => (from === 'b@1' ? 'refuse' : 'commit');
    const others = [watched(a.acquire()), watched(c.acquire())];
    await again.release();
    await clock.advance(1000);
    expect([a.locked, ...others.map(({ value }) => value)]).toEqual([false, undefined, undefined]);
    controller.abort();
    await settle();
    expect(late.error).toMatchObject({ code: 'not-committed' });
    grid.fate = () => 'commit';
    await clock.advance(1000);
    const got = others.filter(({ value }) => value?.held);
    expect(got).toHaveLength(1);
    await got[0]?.value?.release();
    await clock.advance(1000);
    expect(others.every(({ value }) => value !== undefined)).toBe(true);
  });

  it.each([
    [1500, 1500],
    [10_000, 10_000],
    [3_600_000, 10_000],
  ])(
    'gets it soon where the one is gone that was to be the next, with a lease of %i ms',
    async (leaseInMs, endsInMs) => {
      const started = await startLocks({ leaseInMs });
      const { again } = await comeTooLate(started);
      const { grid, clock, c } = started;
      grid.fate = (from) => (from === 'b@1' ? 'lose' : 'commit');
      grid.member('b@1').paused = true;
      await again.release();
      const next = watched(c.acquire());
      await clock.advance(endsInMs - 1000);
      expect(next.value).toBeUndefined();
      await clock.advance(1000);
      expect(next.value?.held).toBe(true);
    },
  );

  it('gets it after something that is no name of a holder', async () => {
    const { clock, member, a, b } = await startLocks();
    a.close();
    const valueCodec = { encode: () => new Uint8Array([0xff]), decode: () => 0 };
    const map = member(0).createMap<number, number>({ mapId: 'l', valueCodec });
    await map.set(0, 0);
    const waiting = watched(b.acquire());
    await clock.advance(100);
    expect([b.locked, waiting.value, waiting.error]).toEqual([true, undefined, undefined]);
    await map.delete(0);
    await clock.advance(1);
    expect(waiting.value?.held).toBe(true);
  });

  it('gets it after this member took over a snapshot, in which it is free', async () => {
    const { grid, clock, a, b } = await startLocks();
    const held = await a.acquire();
    const waiting = watched(b.acquire());
    await settle();
    grid.member('b@1').paused = true;
    await held.release();
    await grid.sendSnapshot('b@1');
    grid.member('b@1').paused = false;
    grid.commit();
    await clock.advance(1);
    expect(waiting.value?.held).toBe(true);
  });

  it('is refused when the lock is closed; who holds it loses it, and the others get it with the end of its lease', async () => {
    const { clock, member, b, c } = await startLocks();
    const held = await b.acquire();
    const waiting = expect(b.acquire()).rejects.toMatchObject({ code: 'closed' });
    const next = watched(c.acquire());
    b.close();
    b.close();
    await waiting;
    expect(reasonOf(held)).toMatchObject({ code: 'closed' });
    await expect(held.release()).resolves.toBe(false);
    await expect(b.acquire()).rejects.toMatchObject({ code: 'closed' });
    await expect(b.tryAcquire()).rejects.toMatchObject({ code: 'closed' });
    expect([b.closed, member(1).storages.has('l')]).toEqual([true, false]);
    const again = member(1).createLock({ lockId: 'l' });
    expect(again.locked).toBe(true);
    await clock.advance(9990);
    expect(next.value).toBeUndefined();
    await clock.advance(20);
    expect(next.value?.held).toBe(true);
    await next.value?.release();
    await expect(again.tryAcquire()).resolves.toBeDefined();
  });

  it('has its request taken back when the lock is closed meanwhile', async () => {
    const { grid, clock, b, c } = await startLocks();
    grid.holding = true;
    const waiting = expect(b.acquire()).rejects.toMatchObject({ code: 'closed' });
    const trying = expect(b.tryAcquire()).rejects.toMatchObject({ code: 'closed' });
    await settle();
    b.close();
    await waiting;
    grid.holding = false;
    grid.commit();
    await trying;
    await clock.advance(1);
    expect(c.locked).toBe(false);
  });

  it('is refused, and holders are told, when the whole is closed, and no timer is left', async () => {
    const { clock, members, b } = await startLocks();
    const held = await b.acquire();
    const waiting = expect(b.acquire()).rejects.toMatchObject({ code: 'closed' });
    for (const member of members) member.close();
    await waiting;
    await settle();
    expect([held.signal.aborted, clock.pendingTimers]).toEqual([true, 0]);
  });

  it('is refused with what stopped this member for good', async () => {
    const { member, a, b } = await startLocks();
    await a.acquire();
    const waiting = expect(b.acquire()).rejects.toThrow('the disk is full');
    await settle();
    member(1).machine.failed(new Error('the disk is full'));
    await waiting;
    await expect(b.acquire()).rejects.toThrow('the disk is full');
    await expect(b.tryAcquire()).rejects.toThrow('the disk is full');
  });
});

describe('giving back', () => {
  it('is done later where the grid does not answer, and the caller knows', async () => {
    const { grid, clock, b, c } = await startLocks();
    const held = await b.acquire();
    grid.fate = (from) => (from === 'b@1' ? 'refuse' : 'commit');
    const released = expect(held.release({ timeoutInMs: 100 })).rejects.toMatchObject({ code: 'not-committed' });
    await clock.advance(100);
    await released;
    expect([held.held, c.locked]).toEqual([false, true]);
    grid.fate = () => 'commit';
    await clock.advance(1000);
    expect(c.locked).toBe(false);
  });

  it('refuses options that are none, and goes on holding', async () => {
    const { b } = await startLocks();
    const held = await b.acquire();
    await expect(held.release({ timeoutInMs: -1 })).rejects.toMatchObject({ code: 'option' });
    expect(held.held).toBe(true);
    await expect(held.release()).resolves.toBe(true);
  });
});

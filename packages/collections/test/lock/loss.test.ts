import { describe, expect, it } from 'vitest';
import { type Clock, Collections } from '../../src/index.js';
import { InMemoryGrid, ManualClock, settle } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';
import { reasonOf, startLocks, watched } from './locks.js';

describe('a holder', () => {
  it.each(['cut off', 'deaf'] as const)(
    'that is %s learns that it lost the lock before another one has it',
    async (how) => {
      const { grid, clock, b, c } = await startLocks();
      const held = await b.acquire();
      const next = watched(c.acquire());
      await clock.advance(5000);
      grid.member('b@1').paused = true;
      if (how === 'cut off') grid.fate = (from) => (from === 'b@1' ? 'lose' : 'commit');
      const at = { lost: 0, got: 0 };
      held.signal.addEventListener('abort', () => {
        at.lost = clock.now();
        expect([held.held, next.value]).toEqual([false, undefined]);
      });
      for (; next.value === undefined && clock.now() < 60_000; at.got = clock.now()) await clock.advance(10);
      expect(at.lost).toBeGreaterThan(5000 + 6000);
      expect(at.got).toBeGreaterThanOrEqual(at.lost);
      expect(at.got).toBeLessThanOrEqual(5000 + 10_010);
      expect(reasonOf(held)).toMatchObject({ code: 'hold-lost', reason: 'not-renewed' });
      expect(next.value?.token).toBeGreaterThan(held.token);
      // What it sends late does no harm to the next one.
      grid.fate = () => 'commit';
      grid.member('b@1').paused = false;
      await expect(held.release()).resolves.toBe(false);
      await clock.advance(30_000);
      expect(next.value?.held).toBe(true);
    },
  );

  it('learns it in time also by a clock that goes slower, by less than a part in a hundred', async () => {
    const clock = new ManualClock();
    const grid = new InMemoryGrid(['a@1', 'b@1'], clock);
    const speed = 0.991;
    const slower: Clock = {
      now: () => clock.now() * speed,
      setTimer: (callback, delayInMs) => clock.setTimer(callback, delayInMs / speed),
      defer: (callback) => clock.defer(callback),
    };
    const members = [
      new Collections(grid.member('a@1'), { clock }),
      new Collections(grid.member('b@1'), { clock: slower }),
    ];
    await Promise.all(members.map((member) => member.start()));
    const [a, b] = members.map((member) => member.createLock({ lockId: 'l' }));
    if (a === undefined || b === undefined) return expect.fail();
    await clock.advance(1234);
    const held = await b.acquire();
    const next = watched(a.acquire());
    grid.fate = (from) => (from === 'b@1' ? 'lose' : 'commit');
    let lostAt = 0;
    held.signal.addEventListener('abort', () => {
      lostAt = clock.now();
      expect(next.value).toBeUndefined();
    });
    await clock.advance(10_000);
    expect(lostAt).toBeGreaterThan(1234 + 9900);
    await clock.advance(100);
    expect(next.value?.held).toBe(true);
  });

  it('is none whose entry was removed, and followed by another one, before it heard that it had come', async () => {
    const { grid, members, clock } = await startGrid(3);
    const [a, b, c] = members;
    if (a === undefined || b === undefined || c === undefined) return expect.fail();
    const map = a.createMap<number, string>({ mapId: 'l' });
    const locks = [b, c].map((member) => member.createLock({ lockId: 'l' }));
    await Promise.all([map, ...locks].map(({ ready }) => ready));
    grid.holding = true;
    const first = watched(locks[0]?.acquire() ?? expect.fail());
    await settle();
    const removed = watched(map.delete(0));
    await settle();
    const second = watched(locks[1]?.acquire() ?? expect.fail());
    await settle();
    grid.holding = false;
    grid.commit();
    await clock.advance(100);
    expect([first.value, removed.value, second.value?.held]).toEqual([undefined, true, true]);
  });

  it('keeps it while the grid is away for less than the lease', async () => {
    const { grid, clock, b } = await startLocks();
    const held = await b.acquire();
    for (let round = 0; round < 5; round++) {
      await clock.advance(3000);
      grid.fate = () => 'lose';
      await clock.advance(5000);
      grid.fate = () => 'commit';
      await clock.advance(2000);
      expect(held.held).toBe(true);
    }
  });

  it('does not hold what it does not know of in time, whatever its timer does', async () => {
    const { grid, clock, b } = await startLocks();
    const held = await b.acquire();
    grid.fate = () => 'lose';
    await clock.advance(9899);
    expect(held.held).toBe(true);
    await clock.advance(1);
    expect([held.held, held.signal.aborted]).toEqual([false, true]);
  });

  it.each([
    ['removed', 'delete'],
    ['removed', 'set'],
    ['removed', 'clear'],
    ['expired', 'touch'],
  ] as const)('is told that it was %s (%s)', async (reason, how) => {
    const { clock, member, b, c } = await startLocks();
    c.close();
    const map = member(2).createMap<number, string>({ mapId: 'l' });
    const held = await b.acquire();
    expect([...map.values()]).toEqual(['b@1#1']);
    if (how === 'set') await map.set(0, 'mine');
    else if (how === 'touch') await map.touch(0, 1);
    else if (how === 'delete') await map.delete(0);
    else await map.clear();
    await clock.advance(2);
    expect(reasonOf(held)).toMatchObject({ code: 'hold-lost', reason });
    await expect(held.release()).resolves.toBe(false);
    expect([...map.values()]).toEqual(how === 'set' ? ['mine'] : []);
  });

  it.each(['snapshot', 'log'] as const)('keeps it as another incarnation, which caught up by a %s', async (by) => {
    const { grid, clock, b, c } = await startLocks();
    await (await b.acquire()).release();
    const held = await b.acquire();
    await clock.advance(1000);
    await grid.reincarnate('b@1', 'b@2', by);
    await clock.advance(60_000);
    expect([held.held, held.signal.aborted, c.locked]).toEqual([true, false, true]);
    await expect(held.release()).resolves.toBe(true);
    await expect(c.tryAcquire()).resolves.toBeDefined();
  });

  it('that comes back as another incarnation, and finds it gone, learns that at once', async () => {
    const { grid, clock, member, b, c } = await startLocks();
    const held = await b.acquire();
    grid.member('b@1').paused = true;
    c.close();
    await member(2).createMap({ mapId: 'l' }).clear();
    grid.member('b@1').paused = false;
    await grid.reincarnate('b@1', 'b@2', 'snapshot');
    await settle();
    await clock.advance(1);
    expect(reasonOf(held)).toMatchObject({ code: 'hold-lost', reason: 'removed' });
  });

  it('learns at once from a snapshot that it is gone, also while it is being renewed', async () => {
    const { grid, clock, member, b, c } = await startLocks();
    const held = await b.acquire();
    grid.member('b@1').paused = true;
    await clock.advance(4000);
    c.close();
    const map = member(2).createMap<number, string>({ mapId: 'l' });
    await map.delete(0);
    await map.set(0, 'mine');
    await grid.sendSnapshot('b@1');
    grid.member('b@1').paused = false;
    grid.commit();
    await clock.advance(1);
    expect(reasonOf(held)).toMatchObject({ code: 'hold-lost', reason: 'removed' });
  });

  it('does not hold any more when its own member gets the lock again', async () => {
    const { grid, clock, member, b, c } = await startLocks();
    const held = await b.acquire();
    const next = watched(b.acquire().then((again) => [again.held, held.held]));
    grid.member('b@1').paused = true;
    await clock.advance(4000);
    c.close();
    await member(2).createMap<number, string>({ mapId: 'l' }).delete(0);
    await grid.sendSnapshot('b@1');
    grid.member('b@1').paused = false;
    grid.commit();
    await clock.advance(1);
    expect(next.value).toEqual([true, false]);
    expect(reasonOf(held)).toMatchObject({ code: 'hold-lost', reason: 'removed' });
  });

  it('keeps it over changes of the leader, with proposals lost and doubled', async () => {
    const { grid, clock, b, c } = await startLocks();
    const held = await b.acquire();
    const next = watched(c.acquire());
    let turn = 0;
    grid.fate = () => (['commit-twice', 'lose', 'commit-unheard'] as const)[turn++ % 3] ?? 'commit';
    for (let round = 0; round < 20; round++) {
      await clock.advance(2000);
      grid.changeLeader(round % 2 === 0 ? 'c@1' : 'a@1');
    }
    expect([held.held, next.value]).toEqual([true, undefined]);
    const released = watched(held.release());
    await clock.advance(4000);
    expect([released.value, next.value?.held]).toEqual([true, true]);
  });
});

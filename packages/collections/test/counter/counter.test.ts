import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../src/errors.js';
import { settle } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';
import { watched } from '../lock/locks.js';

async function startCounters() {
  const started = await startGrid(3);
  const counters = started.members.map((each) => each.createCounter({ counterId: 'c' }));
  await Promise.all(counters.map(({ ready }) => ready));
  const [a, b] = counters;
  if (a === undefined || b === undefined) return expect.fail();
  return { ...started, counters, a, b };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const most = Number.MAX_SAFE_INTEGER;

describe('a counter', () => {
  it('begins at 0, and says what each addition makes', async () => {
    const { a, b } = await startCounters();
    expect([a.value, await b.read()]).toEqual([0, 0]);
    await expect(a.add()).resolves.toBe(1);
    await expect(b.add(5)).resolves.toBe(6);
    await expect(b.add(-7)).resolves.toBe(-1);
    await expect(a.read()).resolves.toBe(-1);
    expect(a.value).toBe(-1);
  });

  it('tells no two additions of one the same, whoever makes them at once', async () => {
    const { clock, counters } = await startCounters();
    const results = Promise.all(counters.flatMap((each) => Array.from({ length: 100 }, () => each.add())));
    await clock.advance(3000);
    expect((await results).sort((x, y) => x - y)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    expect(counters.map(({ value }) => value)).toEqual([300, 300, 300]);
  });

  it('adds what waits on one member in its order, and in one change', async () => {
    const { grid, b } = await startCounters();
    const before = grid.log.length;
    await expect(Promise.all([1, 10, -3, 100].map((delta) => b.add(delta)))).resolves.toEqual([1, 11, 8, 108]);
    expect(grid.log.length - before).toBe(1);
  });

  it('refuses what it cannot hold exactly, and adds the rest', async () => {
    const { a, b } = await startCounters();
    for (const delta of [0.5, Number.NaN, most + 1, Number.POSITIVE_INFINITY])
      await expect(a.add(delta)).rejects.toMatchObject({ code: 'option', field: 'delta' });
    await a.add(most - 1);
    const refused = expect(b.add(2)).rejects.toMatchObject({ code: 'option', field: 'delta', mayHaveHappened: false });
    await expect(b.add(1)).resolves.toBe(most);
    await refused;
    await expect(a.add(-most)).resolves.toBe(0);
    await expect(a.add(-most)).resolves.toBe(-most);
    await expect(a.add(-1)).rejects.toMatchObject({ code: 'option' });
  });

  it('does not add for who gave up before it was sent, and says that it may have where it was', async () => {
    const { grid, clock, a, b } = await startCounters();
    grid.holding = true;
    const controller = new AbortController();
    const sent = expect(b.add(1, { timeoutInMs: 100 })).rejects.toMatchObject({
      code: 'indeterminate',
      mayHaveHappened: true,
    });
    await settle();
    const waiting = expect(b.add(10, { signal: controller.signal })).rejects.toMatchObject({
      code: 'not-committed',
      reason: 'aborted',
    });
    const late = expect(b.add(100)).rejects.toMatchObject({ code: 'not-committed', reason: 'timed-out' });
    const last = watched(b.add(1000, { timeoutInMs: 60_000 }));
    await settle();
    controller.abort();
    await expect(b.add(1, { signal: controller.signal })).rejects.toMatchObject({ reason: 'aborted' });
    await clock.advance(5000);
    await Promise.all([sent, waiting, late]);
    grid.holding = false;
    grid.commit();
    await settle();
    expect([last.value, a.value]).toEqual([1001, 1001]);
    await expect(b.add(1, { timeoutInMs: -1 })).rejects.toMatchObject({ code: 'option' });
  });

  it('forgets who gave up, also while the grid does not answer', async () => {
    const { grid, clock, b } = await startCounters();
    grid.holding = true;
    const sent = watched(b.add(1, { timeoutInMs: 60_000 }));
    await settle();
    const giveUp = () => {
      const { signal } = new AbortController();
      const outcome = b.add(1, { signal, timeoutInMs: 100 }).catch(codeOf);
      return { signal: new WeakRef(signal), outcome };
    };
    const { signal, outcome } = giveUp();
    await clock.advance(100);
    expect(await outcome).toBe('not-committed');
    await new Promise<void>((resolve) => setImmediate(resolve));
    collectGarbage();
    expect([sent, signal.deref()]).toEqual([{}, undefined]);
  });

  it('refuses what waits when it is closed', async () => {
    const { grid, clock, member, members, b } = await startCounters();
    grid.holding = true;
    const sent = expect(b.add()).rejects.toMatchObject({ code: 'closed', mayHaveHappened: true });
    await settle();
    const waiting = expect(b.add()).rejects.toMatchObject({ code: 'closed', mayHaveHappened: false });
    await settle();
    b.close();
    await Promise.all([sent, waiting]);
    await expect(b.add()).rejects.toMatchObject({ code: 'closed' });
    await expect(b.read()).rejects.toMatchObject({ code: 'closed' });
    expect([b.closed, member(1).storages.has('c')]).toEqual([true, false]);
    grid.holding = false;
    grid.commit();
    await expect(member(1).createCounter({ counterId: 'c' }).read()).resolves.toBe(1);
    for (const each of members) each.close();
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets a member come to add that is always later than the others', async () => {
    const { grid, clock, a, b, counters } = await startCounters();
    let others = 0;
    let busy = true;
    const keepAdding = async (): Promise<void> => {
      for (; busy && others < 10_000; others++) await a.add();
    };
    // What b sends arrives behind what a makes of the same sum.
    grid.fate = (from) => (from === 'b@1' ? 'delay' : 'commit');
    const adding = keepAdding();
    const late = watched(b.add(0));
    for (let round = 0; round < 40 && late.value === undefined; round++) {
      await clock.advance(10);
      grid.release();
    }
    expect(late.value).toBeGreaterThan(0);
    grid.fate = () => 'commit';
    const before = others;
    await clock.advance(10);
    expect(others).toBeGreaterThan(before);
    busy = false;
    await adding;
    await clock.advance(2000);
    expect(counters.map(({ value }) => value)).toEqual([others, others, others]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses to add to what is none', async () => {
    const { member, a, b } = await startCounters();
    b.close();
    const map = member(1).createMap<string, unknown>({ mapId: 'c' });
    await map.set('sum', 'many');
    await expect(a.add()).rejects.toMatchObject({ code: 'option' });
    map.close();
    const valueCodec = { encode: () => new Uint8Array([0xff]), decode: () => 0 };
    await member(1).createMap<string, number>({ mapId: 'c', valueCodec }).set('sum', 0);
    await expect(a.add()).rejects.toMatchObject({ code: 'codec' });
  });

  it('is one collection among others', async () => {
    const { member, a } = await startCounters();
    let existed = false;
    expect(member(0).getOrCreateCounter({ counterId: 'c' }, (did) => (existed = did))).toBe(a);
    expect([existed, member(0).storages.get('c')]).toEqual([true, a]);
    expect(() => member(0).createCounter({ counterId: 'c' })).toThrow('exists already');
    expect(() => member(0).createCounter({ counterId: '' })).toThrow('counterId');
    expect(() => member(0).getOrCreateMap({ mapId: 'c' })).toThrow('"c" is a counter, not a map');
    expect(() => member(0).getOrCreateLock({ lockId: 'c' })).toThrow('"c" is a counter, not a lock');
  });
});

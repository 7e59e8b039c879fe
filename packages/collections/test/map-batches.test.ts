import { describe, expect, it } from 'vitest';
import type { HamokMapOptions } from '../src/index.js';
import { settle } from '../src/testing/index.js';
import { startGrid } from './grid.js';

const entries = (count: number, length = 1) =>
  Array.from({ length: count }, (_, i) => [`k${i}`, 'x'.repeat(length)] as const);

async function started(options: Partial<HamokMapOptions<string, string>> = {}, limits = {}) {
  const made = await startGrid(2, limits);
  const map = made.member(1).createMap<string, string>({ mapId: 'm', ...options });
  await map.ready;
  return { ...made, map };
}

describe('a batch that need not be atomic', () => {
  it('is cut by the number of keys and of values', async () => {
    const { grid, map } = await started({ maxOutboundMessageKeys: 10, maxOutboundMessageValues: 7 });
    const before = grid.log.length;
    expect(await map.setAll(entries(50), { atomic: false })).toEqual(new Map());
    expect(grid.log.length - before).toBe(8);
    expect(map.size).toBe(50);
    expect(await map.insertAll(entries(52), { atomic: false })).toEqual(new Map(entries(50)));
    const keys = [...map.keys()];
    expect(await map.removeAll([...keys.slice(0, 11), 'none'], { atomic: false })).toEqual(new Map(entries(11)));
    const length = grid.log.length;
    expect(await map.deleteAll(keys, { atomic: false })).toEqual(new Set(keys.slice(11)));
    expect(grid.log.length - length).toBe(6);
    expect(await map.setAll([], { atomic: false })).toEqual(new Map());
  });

  it('is cut by its bytes, where an atomic one is too large', async () => {
    const { map } = await started({}, { maxCommandBytes: 4096 });
    await expect(map.setAll(entries(100, 100))).rejects.toMatchObject({ code: 'too-large', mayHaveHappened: false });
    expect(map.size).toBe(0);
    await map.setAll(entries(100, 100), { atomic: false });
    expect([...map]).toEqual(entries(100, 100));
  });

  it('leaves room for other calls', async () => {
    const { map } = await started({ maxOutboundMessageKeys: 1 }, { maxInFlight: 32 });
    const batch = map.setAll(entries(500), { atomic: false, ttlInMs: 1000 });
    const other = map.set('other', 'y');
    await Promise.all([batch, other]);
    expect(map.size).toBe(501);
    expect(map.entry('k499')?.expiresAt).toBe(1000);
  });

  it('says when it was made in part', async () => {
    const { grid, clock, map } = await started({ maxOutboundMessageKeys: 10 });
    let arrived = 0;
    grid.fate = () => (arrived++ < 16 ? 'commit' : 'refuse');
    const batch = map.setAll(entries(200), { atomic: false, timeoutInMs: 1000 });
    const outcome = expect(batch).rejects.toMatchObject({
      code: 'partial-batch',
      mayHaveHappened: true,
      made: 16,
      parts: 20,
      cause: { code: 'not-committed' },
    });
    await clock.advance(2000);
    await outcome;
    expect(map.size).toBe(160);
    grid.fate = () => 'refuse';
    const none = expect(map.setAll(entries(20), { atomic: false, timeoutInMs: 1000 })).rejects.toMatchObject({
      code: 'not-committed',
      mayHaveHappened: false,
    });
    await clock.advance(2000);
    await none;
  });

  it('is refused whole where one part is too large by itself', async () => {
    const { map } = await started({}, { maxCommandBytes: 2048 });
    const batch = map.setAll([...entries(3), ['big', 'x'.repeat(3000)]], { atomic: false });
    await expect(batch).rejects.toMatchObject({ code: 'too-large', mayHaveHappened: false });
    expect(map.size).toBe(0);
  });
});

describe('the opening of a map', () => {
  it('waits for its place, and is not one too many', async () => {
    const { grid, clock, member } = await startGrid(2, { maxInFlight: 4 });
    const first = member(1).createMap<string, number>({ mapId: 'first' });
    await first.ready;
    grid.holding = true;
    const calls = [1, 2, 3, 4].map((i) => first.set('a', i));
    await expect(first.set('a', 5)).rejects.toMatchObject({ code: 'busy' });
    const second = member(1).createMap<string, number>({ mapId: 'second', baseMap: [['b', 1]] });
    await settle();
    grid.holding = false;
    grid.commit();
    await clock.advance(1000);
    await Promise.all([...calls, second.ready]);
    expect(second.get('b')).toBe(1);
  });
});

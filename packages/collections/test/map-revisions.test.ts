import { describe, expect, it } from 'vitest';
import type { Wait } from '../src/index.js';
import { settle } from '../src/testing/index.js';
import { startGrid } from './grid.js';

const map = { mapId: 'm' };

describe('revisions', () => {
  it('are the indexes of the log, the same on every member', async () => {
    const { grid, member } = await startGrid(2);
    const [first, last] = [member(0).createMap<string, number>(map), member(1).createMap<string, number>(map)];
    await Promise.all([first.ready, last.ready]);
    await first.set('a', 1);
    await settle();
    const { revision } = first.entry('a') ?? {};
    expect(revision).toBe(grid.log.length - 1);
    expect(last.entry('a')).toEqual({ value: 1, revision, expiresAt: undefined, expiresInMs: undefined });
    expect(last.entry('b')).toBe(undefined);
    await last.set('b', 2);
    await last.touch('a', 1000);
    expect(last.entry('a')?.revision).toBe(revision);
  });

  it('let one of those in who found the same', async () => {
    const { member } = await startGrid(3);
    const maps = [0, 1, 2].map((i) => member(i).createMap<string, number>(map));
    await Promise.all(maps.map(({ ready }) => ready));
    const created = await Promise.all(maps.map((each, i) => each.compareAndSet('a', i, each.entry('a')?.revision)));
    expect(created.filter((won) => won).length).toBe(1);
    await settle();
    const found = maps.map((each) => each.entry('a')?.revision);
    const updated = await Promise.all(maps.map((each, i) => each.compareAndSet('a', 10 + i, found[i])));
    expect(updated.filter((won) => won).length).toBe(1);
    await settle();
    expect(maps.map((each) => each.get('a'))).toEqual(Array(3).fill(10 + updated.indexOf(true)));
  });

  it('are not taken for another: a key removed and set again, the same value written again', async () => {
    const { member } = await startGrid(1);
    const only = member(0).createMap<string, number>(map);
    await only.set('a', 1);
    const before = only.entry('a')?.revision;
    await only.set('a', 1);
    expect(await only.compareAndSet('a', 2, before)).toBe(false);
    await only.remove('a');
    expect(await only.compareAndSet('a', 2, before)).toBe(false);
    expect(await only.compareAndSet('a', 3, undefined)).toBe(true);
    expect(await only.compareAndSet('a', 4, undefined)).toBe(false);
    expect(only.get('a')).toBe(3);
    for (const wrong of [-1, 0.5, Number.NaN])
      await expect(only.compareAndSet('a', 5, wrong)).rejects.toMatchObject({ code: 'option', field: 'revision' });
  });

  it('end what they write, as a set does', async () => {
    const { clock, member } = await startGrid(1);
    const only = member(0).createMap<string, number>(map);
    await only.compareAndSet('a', 1, undefined, { ttlInMs: 10 });
    await only.set('b', 1, { ttlInMs: 10 });
    expect(await only.updateIf('b', 2, 1)).toBe(true);
    await clock.advance(10);
    expect([...only]).toEqual([['b', 2]]);
  });
});

describe('a read', () => {
  it('sees what was committed before it, where a get does not yet', async () => {
    const { grid, member } = await startGrid(2);
    const [first, last] = [member(0).createMap<string, number>(map), member(1).createMap<string, number>(map)];
    await Promise.all([first.ready, last.ready]);
    grid.member('b@1').paused = true;
    await first.set('a', 1);
    const reading = last.read('a');
    expect([last.get('a'), await last.read('a', { consistency: 'local' })]).toEqual([undefined, undefined]);
    grid.member('b@1').paused = false;
    grid.member('b@1').deliver();
    expect(await reading).toBe(1);
  });

  it('ends with a typed error when nobody confirms it, and when the map is closed', async () => {
    const { grid, member } = await startGrid(2);
    const last = member(1).createMap<string, number>(map);
    await last.ready;
    const engine = grid.member('b@1');
    const asked: unknown[] = [];
    engine.barrier = (wait?: Wait) => {
      asked.push(wait);
      return Promise.reject(new Error('no leader'));
    };
    const { signal } = new AbortController();
    await expect(last.read('a', { signal, timeoutInMs: 7 })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(last.read('a')).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toEqual([{ signal, timeoutInMs: 7 }, { timeoutInMs: 5000 }]);
    last.close();
    await expect(last.read('a')).rejects.toMatchObject({ code: 'closed' });
  });
});

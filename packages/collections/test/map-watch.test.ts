import { describe, expect, it } from 'vitest';
import type { HamokMap, HamokMapChange, HamokMapOptions } from '../src/index.js';
import { settle } from '../src/testing/index.js';
import { startGrid } from './grid.js';

type Change = HamokMapChange<string, number>;

async function started(options: Partial<HamokMapOptions<string, number>> = {}, count = 1) {
  const made = await startGrid(count);
  const maps = made.members.map((member) => member.createMap<string, number>({ mapId: 'm', ...options }));
  await Promise.all(maps.map(({ ready }) => ready));
  const map = (position: number): HamokMap<string, number> => {
    const found = maps[position];
    if (found === undefined) throw new Error(`no map ${position}`);
    return found;
  };
  return { ...made, map };
}

/** Reads until the watch ends or fails, and keeps what it read. */
function collect(watch: AsyncIterable<Change>) {
  const changes: Change[] = [];
  const end = (async () => {
    for await (const change of watch) changes.push(change);
    return 'ended';
  })().catch((error: unknown) => error);
  return { changes, end };
}

const plain = (changes: readonly Change[]) => changes.map(({ revision: _, ...change }) => change);

describe('a watch', () => {
  it('tells every change in order, with its revision, on every member', async () => {
    const { clock, map } = await started({}, 2);
    const [first, last] = [collect(map(0).watch()), collect(map(1).watch())];
    await map(0).set('a', 1);
    await map(1).set('a', 2);
    await map(0).insert('a', 3);
    await map(0).setAll([
      ['b', 1],
      ['c', 2],
    ]);
    await map(1).remove('b');
    await map(1).touch('c', 5);
    await clock.advance(5);
    await map(0).clear();
    await settle();
    expect(plain(first.changes)).toEqual([
      { type: 'insert', key: 'a', value: 1 },
      { type: 'update', key: 'a', value: 2, oldValue: 1 },
      { type: 'insert', key: 'b', value: 1 },
      { type: 'insert', key: 'c', value: 2 },
      { type: 'remove', key: 'b', oldValue: 1 },
      { type: 'expire', key: 'c', oldValue: 2 },
      { type: 'clear' },
    ]);
    expect(last.changes).toEqual(first.changes);
    const revisions = first.changes.map(({ revision }) => revision);
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
    expect(revisions[2]).toBe(revisions[3]);
  });

  it('begins at the call, so that nothing is missed between it and a look at the map', async () => {
    const { map } = await started();
    await map(0).set('a', 1);
    const watch = map(0).watch();
    const seen = new Map(map(0));
    await map(0).set('a', 2);
    await map(0).set('b', 3);
    const { changes } = collect(watch);
    await settle();
    for (const change of changes) if ('value' in change) seen.set(change.key, change.value);
    expect(seen).toEqual(new Map(map(0)));
  });

  it('goes on from a revision, telling again what shares it', async () => {
    const { map } = await started({ watchRetention: {} });
    await map(0).set('a', 1);
    await map(0).setAll([
      ['b', 2],
      ['c', 3],
    ]);
    await map(0).set('d', 4);
    const whole = collect(map(0).watch({ fromRevision: 0 }));
    await settle();
    expect(plain(whole.changes).map((change) => ('key' in change ? change.key : undefined))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
    const { revision = 0 } = whole.changes[2] ?? {};
    const rest = collect(map(0).watch({ fromRevision: revision }));
    const later = collect(map(0).watch({ fromRevision: revision + 1 }));
    const latest = collect(map(0).watch({ fromRevision: 1000 }));
    await settle();
    expect(rest.changes).toEqual(whole.changes.slice(1));
    expect(later.changes).toEqual(whole.changes.slice(3));
    await map(0).set('e', 5);
    await settle();
    expect([later.changes.length, latest.changes.length]).toEqual([2, 1]);
  });

  it('says from where it can begin when it is asked for what is not kept', async () => {
    const { map } = await started({ watchRetention: { changes: 2 } });
    for (let i = 0; i < 5; i++) await map(0).set('a', i);
    const error = await collect(map(0).watch({ fromRevision: 0 })).end;
    expect(error).toMatchObject({ code: 'watch-gap', reason: 'not-retained', mayHaveHappened: false });
    const { resumeFrom } = error as { resumeFrom: number };
    const { changes } = collect(map(0).watch({ fromRevision: resumeFrom }));
    await settle();
    expect(changes).toMatchObject([{ value: 3 }, { value: 4 }]);
    // Without the option, what was before the first watch is not kept.
    const { map: other } = await started();
    await other(0).set('a', 1);
    expect(await collect(other(0).watch({ fromRevision: 0 })).end).toMatchObject({ reason: 'not-retained' });
  });

  it('holds no more than what is kept, and tells a reader that is too slow', async () => {
    for (const watchRetention of [{ changes: 3 }, { bytes: 3 * 4 }]) {
      const { map } = await started({ watchRetention });
      const slow = map(0).watch();
      for (let i = 0; i < 9; i++) await map(0).set('a', i);
      const error = await collect(slow).end;
      expect(error).toMatchObject({ code: 'watch-gap', reason: 'too-slow' });
      expect(await slow.next()).toEqual({ done: true, value: undefined });
      const { resumeFrom } = error as { resumeFrom: number };
      const { changes } = collect(map(0).watch({ fromRevision: resumeFrom }));
      await settle();
      expect(changes.at(-1)).toMatchObject({ value: 8 });
      expect(changes.length).toBeLessThan(4);
    }
  });

  it('tells a batch whole, however little is kept', async () => {
    const { map } = await started({ watchRetention: { changes: 1, bytes: 0 } });
    const { changes } = collect(map(0).watch());
    await settle();
    await map(0).setAll(Array.from({ length: 50 }, (_, i) => [`${i}`, i]));
    await settle();
    expect(changes.length).toBe(50);
  });

  it('says that there is a gap when this member takes over a snapshot', async () => {
    const { grid, map } = await started({}, 2);
    const waiting = collect(map(1).watch());
    const behind = map(1).watch();
    await map(0).set('a', 1);
    await settle();
    grid.member('b@1').paused = true;
    await map(0).set('a', 2);
    await grid.sendSnapshot('b@1');
    const expected = { code: 'watch-gap', reason: 'restored', resumeFrom: grid.log.length };
    expect(await waiting.end).toMatchObject(expected);
    expect(waiting.changes).toMatchObject([{ value: 1 }]);
    await expect(behind.next()).rejects.toMatchObject(expected);
    grid.member('b@1').paused = false;
    const again = collect(map(1).watch({ fromRevision: grid.log.length }));
    expect(map(1).get('a')).toBe(2);
    await map(0).set('a', 3);
    await settle();
    expect(again.changes).toMatchObject([{ type: 'update', value: 3, oldValue: 2 }]);
  });

  it('ends when the map is closed, when it is aborted, and when its reader leaves', async () => {
    const { map } = await started();
    const abort = new AbortController();
    const [closed, aborted] = [collect(map(0).watch()), collect(map(0).watch({ signal: abort.signal }))];
    const left = map(0).watch();
    await map(0).set('a', 1);
    for await (const change of left) {
      expect(change).toMatchObject({ value: 1 });
      break;
    }
    expect(await left.next()).toEqual({ done: true, value: undefined });
    abort.abort();
    expect(await aborted.end).toBe('ended');
    expect(await map(0).watch({ signal: abort.signal }).next()).toEqual({ done: true, value: undefined });
    map(0).close();
    expect(await closed.end).toBe('ended');
    expect([closed.changes.length, aborted.changes.length]).toEqual([1, 1]);
    expect(() => map(0).watch()).toThrow(expect.objectContaining({ code: 'closed' }));
  });

  it('refuses an option that is none', async () => {
    const { map, member } = await started();
    expect(() => map(0).watch({ fromRevision: -1 })).toThrow(expect.objectContaining({ code: 'option' }));
    const wrong = () => member(0).createMap({ mapId: 'n', watchRetention: { changes: -1 } });
    expect(wrong).toThrow(expect.objectContaining({ code: 'option', field: 'watchRetention' }));
  });

  it('ends with the error of a change that it cannot decode, and can be begun again behind it', async () => {
    const { member } = await startGrid(2);
    const texts = member(0).createMap<string, string>({ mapId: 'm' });
    const numbers = member(1).createMap<string, number>({
      mapId: 'm',
      valueCodec: {
        encode: (value) => new TextEncoder().encode(`${value}`),
        decode: (bytes) => {
          const value = Number(new TextDecoder().decode(bytes));
          if (Number.isNaN(value)) throw new RangeError('not a number');
          return value;
        },
      },
    });
    await Promise.all([texts.ready, numbers.ready]);
    const watch = numbers.watch();
    await texts.set('a', 'x');
    await numbers.set('b', 1);
    await expect(watch.next()).rejects.toMatchObject({ code: 'codec' });
    expect(await watch.next()).toMatchObject({ value: { type: 'insert', key: 'b', value: 1 } });
  });
});

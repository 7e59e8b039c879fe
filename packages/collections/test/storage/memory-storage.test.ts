import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import {
  createJsonCodec,
  ListenerError,
  type MemoryStorageOptions,
  memoryStorage,
  OptionError,
} from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';

type Lifespan = Pick<MemoryStorageOptions<string>, 'expireAfterWriteInMs' | 'expireAfterAccessInMs'>;

function timed(lifespan: Lifespan) {
  const clock = new ManualClock();
  const storage = memoryStorage<string, number>({ id: 'timed', clock, ...lifespan });
  const expired: [string, number][] = [];
  storage.events.on('expired', (key, value) => expired.push([key, value]));
  return { clock, storage, expired };
}

describe('expiry after the last write', () => {
  it('ends an entry at its time, not before, and says so', async () => {
    const { clock, storage, expired } = timed({ expireAfterWriteInMs: 100 });
    await storage.set('a', 1);
    await clock.advance(99);
    expect([await storage.get('a'), expired]).toEqual([1, []]);
    await clock.advance(1);
    expect([await storage.get('a'), await storage.size(), expired]).toEqual([undefined, 0, [['a', 1]]]);
  });

  it('begins anew with every write, of whatever kind, and with no read', async () => {
    const { clock, storage, expired } = timed({ expireAfterWriteInMs: 100 });
    await storage.setAll([
      ['set', 1],
      ['batch', 1],
      ['evicted', 1],
      ['read', 1],
      ['insert', 1],
    ]);
    await clock.advance(60);
    await storage.set('set', 2);
    await storage.setAll([['batch', 2]]);
    await storage.evict('evicted');
    await storage.restore('evicted', 2);
    await storage.getAll(['read']);
    await storage.insert('insert', 2);
    await clock.advance(60);
    expect([...(await storage.keys())]).toEqual(['set', 'batch', 'evicted']);
    expect(expired).toEqual([
      ['read', 1],
      ['insert', 1],
    ]);
    await clock.advance(60);
    expect([await storage.size(), expired.length, clock.pendingTimers]).toEqual([0, 5, 0]);
  });

  it('ends a batch together, in the order in which it was written', async () => {
    const { clock, storage, expired } = timed({ expireAfterWriteInMs: 100 });
    const batch = Array.from({ length: 5000 }, (_, i) => [`key-${i}`, i] as const);
    await storage.setAll(batch);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(100);
    expect(expired).toEqual(batch);
    expect([await storage.isEmpty(), clock.pendingTimers]).toEqual([true, 0]);
  });
});

describe('expiry after the last access', () => {
  it('begins anew with every read by key and every write', async () => {
    const { clock, storage, expired } = timed({ expireAfterAccessInMs: 100 });
    await storage.setAll(['get', 'getAll', 'insert', 'set', 'none'].map((key) => [key, 1]));
    for (let round = 0; round < 5; round++) {
      await clock.advance(60);
      await storage.get('get');
      await storage.getAll(['getAll']);
      await storage.insertAll([['insert', 2]]);
      await storage.set('set', 2);
    }
    expect([...(await storage.keys())]).toEqual(['get', 'getAll', 'insert', 'set']);
    expect(expired).toEqual([['none', 1]]);
  });

  it('does not with what asks for no key', async () => {
    const { clock, storage } = timed({ expireAfterAccessInMs: 100 });
    await storage.set('a', 1);
    await clock.advance(60);
    await Promise.all([storage.size(), storage.keys(), storage.isEmpty()]);
    for await (const entry of storage) expect(entry).toEqual(['a', 1]);
    await clock.advance(60);
    expect(await storage.size()).toBe(0);
  });

  it('ends at the earlier of both ends', async () => {
    const { clock, storage } = timed({ expireAfterAccessInMs: 50, expireAfterWriteInMs: 120 });
    await storage.setAll([
      ['read', 1],
      ['left', 1],
    ]);
    await clock.advance(40);
    await storage.get('read');
    await clock.advance(40);
    expect([...(await storage.keys())]).toEqual(['read']);
    await storage.get('read');
    await clock.advance(40);
    expect(await storage.get('read')).toBeUndefined();
  });
});

describe('an entry whose time ran out, and whose timer has not fired', () => {
  /** A clock whose timers are late: it tells the time, and calls nobody. */
  function late() {
    let now = 0;
    const clock = { now: () => now, setTimer: () => () => undefined, defer: queueMicrotask };
    const storage = memoryStorage<string, number>({ id: 'late', clock, expireAfterWriteInMs: 100 });
    const told: unknown[] = [];
    for (const event of ['created', 'updated', 'deleted', 'evicted', 'restored', 'expired', 'cleared'] as const)
      storage.events.on(event, (...details: unknown[]) => told.push([event, ...details]));
    const set = async () => {
      await storage.setAll([
        ['a', 1],
        ['b', 1],
      ]);
      now += 100;
      told.length = 0;
    };
    return { storage, told, set };
  }

  it.each([
    ['get', 'a', undefined],
    ['delete', 'a', false],
    ['evict', 'a', false],
  ] as const)('is not there for %s, which ends it', async (call, key, result) => {
    const { storage, told, set } = late();
    await set();
    expect(await storage[call](key)).toBe(result);
    expect(told).toEqual([['expired', 'a', 1]]);
  });

  it('is not there for who writes', async () => {
    const { storage, told, set } = late();
    await set();
    expect([await storage.set('a', 2), await storage.insert('b', 2)]).toEqual([undefined, undefined]);
    await set();
    expect([...(await storage.setAll([['a', 3]]))]).toEqual([]);
    expect(await storage.restore('b', 3)).toBe(true);
    expect(told).toEqual([
      ['expired', 'a', 1],
      ['created', 'a', 3],
      ['expired', 'b', 1],
      ['restored', 'b', 3],
    ]);
  });

  it('is not there for who looks at all', async () => {
    const { storage, told, set } = late();
    await set();
    for await (const entry of storage) expect.unreachable(`there is ${entry}`);
    expect([...(await storage.keys())]).toEqual([]);
    expect([...(await storage.getAll(['a']))]).toEqual([]);
    expect(await storage.isEmpty()).toBe(true);
    expect(told).toEqual([
      ['expired', 'a', 1],
      ['expired', 'b', 1],
    ]);
  });
});

describe('the timer of a storage with a time to live', () => {
  it('is one, however many entries there are, and none while there are none', async () => {
    const { clock, storage } = timed({ expireAfterWriteInMs: 100 });
    expect(clock.pendingTimers).toBe(0);
    for (let i = 0; i < 100; i++) {
      await storage.set(`key-${i}`, i);
      await clock.advance(0.5);
    }
    expect(clock.pendingTimers).toBe(1);
    await storage.deleteAll(await storage.keys());
    expect(clock.pendingTimers).toBe(0);
    await storage.set('a', 1);
    await storage.clear();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is gone with the storage, also when it is closed by who hears of an end', async () => {
    const { clock, storage } = timed({ expireAfterWriteInMs: 100 });
    await storage.set('a', 1);
    await storage.close();
    expect(clock.pendingTimers).toBe(0);

    const other = timed({ expireAfterWriteInMs: 100 });
    other.storage.events.on('expired', () => void other.storage.close());
    await other.storage.setAll([
      ['a', 1],
      ['b', 1],
    ]);
    await other.clock.advance(100);
    expect([other.expired, other.clock.pendingTimers]).toEqual([[['a', 1]], 0]);
  });

  it('lets others work between the ends of very many', async () => {
    const clock = new ManualClock();
    const storage = memoryStorage<number, number>({ id: 'many', clock, expireAfterWriteInMs: 100 });
    let expired = 0;
    storage.events.on('expired', () => {
      expired += 1;
    });
    await storage.setAll(Array.from({ length: 5000 }, (_, i) => [i, i]));
    const seen: number[] = [];
    clock.setTimer(() => seen.push(expired), 100);
    await clock.advance(100);
    expect(seen[0]).toBeLessThan(5000);
    expect(expired).toBe(5000);
  });
});

describe('a storage in memory', () => {
  it('keeps its values by reference', async () => {
    const storage = memoryStorage<string, () => number>({ id: 'functions' });
    const value = () => 1;
    await storage.set('a', value);
    expect(await storage.get('a')).toBe(value);
  });

  it('compares keys by their encoded bytes', async () => {
    const lowerCase = {
      encode: (key: string) => new TextEncoder().encode(key.toLowerCase()),
      decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
    };
    const storage = memoryStorage<string, number>({ id: 'codec', keyCodec: lowerCase });
    await storage.set('A', 1);
    expect([await storage.get('a'), [...(await storage.keys())]]).toEqual([1, ['A']]);

    const dates = memoryStorage<unknown, number>({ id: 'json' });
    await dates.set(new Date(0), 1);
    expect(await dates.get('1970-01-01T00:00:00.000Z')).toBe(1);
    await dates.set(Number.NaN, 2);
    expect([await dates.get(null), await dates.get(-0)]).toEqual([2, undefined]);
    await dates.set(0, 3);
    expect(await dates.get(-0)).toBe(3);
    const circle: unknown[] = [];
    circle.push(circle);
    for (const key of [1n, circle, Symbol('key'), () => 0])
      await expect(dates.get(key)).rejects.toMatchObject({ code: 'codec' });
  });

  it('reports what listeners throw', async () => {
    const onError = vi.fn();
    const storage = memoryStorage<string, number>({ id: 'reports', onError });
    storage.events.on('created', () => {
      throw new Error('of a listener');
    });
    await storage.set('a', 1);
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.any(ListenerError));
  });

  it('refuses options that cannot be meant, by their name', () => {
    const wrong: Record<string, unknown> = {
      id: { id: '' },
      options: undefined,
      keyCodec: { id: 'a', keyCodec: {} },
      onError: { id: 'a', onError: 1 },
      expireAfterWriteInMs: { id: 'a', expireAfterWriteInMs: 0 },
      expireAfterAccessInMs: { id: 'a', expireAfterAccessInMs: Number.NaN },
    };
    for (const [field, options] of Object.entries(wrong))
      expect(() => memoryStorage(options as never)).toThrow(
        expect.objectContaining({ constructor: OptionError, field }) as Error,
      );
    expect(memoryStorage({ id: 'a', expireAfterWriteInMs: Number.POSITIVE_INFINITY }).id).toBe('a');
  });

  it('has the types of its keys and values', () => {
    const storage = memoryStorage<{ id: number }, string[]>({ id: 'typed' });
    expectTypeOf(storage.get).returns.resolves.toEqualTypeOf<string[] | undefined>();
    expectTypeOf(storage.set).parameters.toEqualTypeOf<[key: { id: number }, value: string[]]>();
    storage.events.on('updated', (key, before, after) => {
      expectTypeOf([key.id, before, after]).toEqualTypeOf<(number | string[])[]>();
    });
  });
});

describe('a codec for values', () => {
  it('gives everyone a copy, of what it makes of the value', async () => {
    const clock = new ManualClock();
    const valueCodec = createJsonCodec<unknown>();
    const storage = memoryStorage<string, unknown>({ id: 'a', clock, valueCodec, expireAfterWriteInMs: 100 });
    const seen: unknown[] = [];
    for (const event of ['updated', 'expired'] as const) storage.events.on(event, (...details) => seen.push(details));
    const given = { at: new Date(0), list: [1] };
    const kept = { at: '1970-01-01T00:00:00.000Z', list: [1] };
    await storage.set('k', given);
    given.list.push(2);
    expect(await storage.get('k')).toEqual(kept);
    Object.assign((await storage.get('k')) as object, { changed: true });
    expect([...(await storage.getAll(['k'])).values(), await storage.insert('k', 1)]).toEqual([kept, kept]);
    expect(await storage.set('k', 2)).toEqual(kept);
    await clock.advance(100);
    expect(seen).toEqual([
      ['k', kept, 2],
      ['k', 2],
    ]);
  });

  it('refuses what it does not hold, before anything of a batch is done', async () => {
    const storage = memoryStorage<string, unknown>({ id: 'a', valueCodec: createJsonCodec<unknown>() });
    const batch = storage.setAll([
      ['a', 1],
      ['b', 1n],
    ]);
    await expect(batch).rejects.toMatchObject({ code: 'codec' });
    await expect(storage.set('a', 1n)).rejects.toMatchObject({ code: 'codec' });
    expect(await storage.size()).toBe(0);
    expect(() => memoryStorage({ id: 'a', valueCodec: {} as never })).toThrow(
      expect.objectContaining({ constructor: OptionError, field: 'valueCodec' }) as Error,
    );
  });
});

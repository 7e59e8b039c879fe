import { describe, expect, it } from 'vitest';
import { type MemoryStorageOptions, memoryStorage } from '../../src/index.js';
import {
  type Lifespan,
  ManualClock,
  type StorageUnderTest,
  type SuiteKey,
  type SuiteStorage,
  type SuiteValue,
  storageConformance,
} from '../../src/testing/index.js';
import { brokenStorage, defects } from './broken-storages.js';

/** Runs the suite outside of the test runner, and gives the names of the tests that failed. */
async function failuresOf(create: () => Promise<StorageUnderTest>, lifespan?: Lifespan): Promise<string[]> {
  const tests: [name: string, body: () => Promise<void>][] = [];
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => void tests.push([name, body]),
  };
  storageConformance(runner, create, { bigBatch: 1200, ...(lifespan === undefined ? {} : { lifespan }) });
  const failed: string[] = [];
  for (const [name, body] of tests) await body().catch(() => failed.push(name));
  return failed;
}

describe('the conformance suite of storages', () => {
  it('finds nothing wrong in a storage without a defect', async () => {
    expect(await failuresOf(async () => ({ storage: brokenStorage(() => ({})) }))).toEqual([]);
  });

  it.each(Object.entries(defects))('notices where %s', async (_, defect) => {
    expect(await failuresOf(async () => ({ storage: brokenStorage(defect) }))).not.toEqual([]);
  });

  it('notices where clear takes along what is beside it', async () => {
    const create = async (): Promise<StorageUnderTest> => {
      const beside = memoryStorage<SuiteKey, SuiteValue>({ id: 'beside' });
      const storage = brokenStorage((sound) => ({
        clear: async () => {
          await Promise.all([sound.clear(), beside.clear()]);
        },
      }));
      return { storage, beside };
    };
    expect(await failuresOf(create)).toEqual(['clears everything of its own, and nothing else']);
  });

  it('waits until the events were told, where a storage says when that is', async () => {
    const later = () => new Promise((resolve) => void setImmediate(resolve));
    let told = Promise.resolve<unknown>(undefined);
    const create = async (): Promise<StorageUnderTest> => {
      const storage = memoryStorage<SuiteKey, SuiteValue>({ id: 'late' });
      const emit = storage.events.emit.bind(storage.events);
      const untold: (() => unknown)[] = [];
      storage.events.emit = (...event) => {
        untold.push(() => emit(...event));
        if (event[0] === 'closed') for (const tell of untold.splice(0)) tell();
        told = told.then(later).then(() => untold.shift()?.());
        told = told.catch(() => undefined);
        return true;
      };
      return { storage, settled: async () => void (await told) };
    };
    expect(await failuresOf(create)).toEqual([]);
  });
});

type Ends = Omit<MemoryStorageOptions<SuiteKey>, 'id'>;

const afterWrite = { expireAfterWriteInMs: 1000 };
const afterAccess = { expireAfterAccessInMs: 1000 };

/** A storage whose entries end, and what a test replaces of it. */
function ending(ends: Ends, defect: (sound: SuiteStorage, clock: ManualClock) => Partial<SuiteStorage> = () => ({})) {
  return async (): Promise<StorageUnderTest> => {
    const clock = new ManualClock();
    const sound = memoryStorage<SuiteKey, SuiteValue>({ id: 'ending', clock, ...ends });
    return { storage: Object.assign(sound, defect(sound, clock)), passTime: (ms) => clock.advance(ms) };
  };
}

/** The same, with other events in the place of some. */
function telling(as: (event: string, tell: () => void) => void) {
  return ending(afterWrite, (sound) => {
    const emit = sound.events.emit.bind(sound.events);
    sound.events.emit = (...event) => {
      as(event[0], () => emit(...event));
      return true;
    };
    return {};
  });
}

describe('the part of the suite about ends', () => {
  const afterWriteInMs = 1000;
  const afterAccessInMs = 1000;

  it.each<[what: string, lifespan: Lifespan, create: () => Promise<StorageUnderTest>]>([
    ['entries end too late', { afterWriteInMs }, ending({ expireAfterWriteInMs: 2000 })],
    ['entries end too early', { afterWriteInMs }, ending({ expireAfterWriteInMs: 800 })],
    ['entries never end', { afterAccessInMs }, ending({})],
    ['reads keep entries that they should not', { afterWriteInMs }, ending(afterAccess)],
    ['reads keep no entries', { afterAccessInMs }, ending(afterWrite)],
    ['reads keep entries for ever', { afterAccessInMs, afterWriteInMs: 2500 }, ending(afterAccess)],
    ['an end is told twice', { afterWriteInMs }, telling((event, tell) => [tell(), event === 'expired' && tell()])],
    ['an end is not told', { afterWriteInMs }, telling((event, tell) => event !== 'expired' && tell())],
    [
      'the entries of a batch are kept',
      { afterWriteInMs },
      ending(afterWrite, (sound) => {
        const { setAll } = sound;
        return {
          setAll: (entries) => {
            const batch = new Map(entries);
            sound.events.once('expired', () => void setAll.call(sound, batch));
            return setAll.call(sound, batch);
          },
        };
      }),
    ],
    [
      'an insert that finds the key taken keeps no entry',
      { afterAccessInMs },
      ending(afterAccess, (sound) => {
        const { insertAll } = sound;
        return {
          insertAll: async (entries) => {
            const kept = new Map<SuiteKey, SuiteValue>();
            for await (const [key, value] of sound) kept.set(key, value);
            const [batch, taken] = [[...entries], new Map<SuiteKey, SuiteValue>()];
            for (const [key] of batch) {
              const value = kept.get(key);
              if (value !== undefined) taken.set(key, value);
            }
            await insertAll.call(
              sound,
              batch.filter(([key]) => !taken.has(key)),
            );
            return taken;
          },
        };
      }),
    ],
    [
      'iterating keeps entries',
      { afterAccessInMs },
      ending(afterAccess, (sound) => ({
        keys: async () => {
          const keys = new Set<SuiteKey>();
          for await (const [key] of sound) keys.add(key);
          await sound.getAll(keys);
          return keys;
        },
      })),
    ],
    [
      'what was taken out ends nevertheless',
      { afterWriteInMs },
      ending(afterWrite, (sound, clock) => {
        const { evictAll } = sound;
        return {
          evictAll: async (keys) => {
            const evicted = await evictAll.call(sound, keys);
            for (const [key, value] of evicted) clock.setTimer(() => sound.events.emit('expired', key, value), 900);
            return evicted;
          },
        };
      }),
    ],
  ])('notices where %s', async (_, lifespan, create) => {
    const others = new Set(await failuresOf(create));
    expect((await failuresOf(create, lifespan)).filter((name) => !others.has(name))).not.toEqual([]);
  });

  it('finds nothing wrong in a storage without a defect, and asks for a way to let time pass', async () => {
    expect(await failuresOf(ending(afterWrite), { afterWriteInMs })).toEqual([]);
    expect(await failuresOf(ending(afterAccess), { afterAccessInMs })).toEqual([]);
    const timeless = async () => ({ storage: memoryStorage<SuiteKey, SuiteValue>({ id: 'timeless' }) });
    expect((await failuresOf(timeless, { afterWriteInMs })).length).toBe(7);
  });
});

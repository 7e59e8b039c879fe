import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../src/index.js';
import { type StorageUnderTest, type SuiteKey, type SuiteValue, storageConformance } from '../../src/testing/index.js';
import { brokenStorage, defects } from './broken-storages.js';

/** Runs the suite outside of the test runner, and gives the names of the tests that failed. */
async function failuresOf(create: () => Promise<StorageUnderTest>): Promise<string[]> {
  const tests: [name: string, body: () => Promise<void>][] = [];
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => void tests.push([name, body]),
  };
  storageConformance(runner, create, { bigBatch: 1200 });
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
    let told = Promise.resolve<unknown>(undefined);
    const create = async (): Promise<StorageUnderTest> => {
      const storage = memoryStorage<SuiteKey, SuiteValue>({ id: 'late' });
      const emit = storage.events.emit.bind(storage.events);
      storage.events.emit = (...event) => {
        if (event[0] === 'closed') return emit(...event);
        told = told.then(() => new Promise((resolve) => void setImmediate(resolve))).then(() => emit(...event));
        told = told.catch(() => undefined);
        return true;
      };
      return { storage, settled: async () => void (await told) };
    };
    expect(await failuresOf(create)).toEqual([]);
  });
});

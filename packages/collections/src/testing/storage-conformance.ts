import type { Runner } from './runner.js';
import { batchCases } from './storage/batches.js';
import { callCases } from './storage/calls.js';
import { eventCases } from './storage/events.js';
import { expiryCases, type Lifespan } from './storage/expiry.js';
import { failureCases } from './storage/failures.js';
import { keyCases } from './storage/keys.js';
import { orderCases } from './storage/order.js';
import type { StorageTest, StorageUnderTest } from './storage/storage-under-test.js';

export interface StorageConformanceOptions {
  /** Keys of the largest batch. Default: 10000. */
  readonly bigBatch?: number;
  /** For a storage whose entries end: that is tested as well, where `passTime` of the storage under test lets time pass. Default: they do not. */
  readonly lifespan?: Lifespan;
}

/** How every storage behaves. `create` makes a fresh one without entries for each test. */
export function storageConformance(
  { describe, it }: Runner,
  create: () => Promise<StorageUnderTest>,
  { bigBatch = 10_000, lifespan }: StorageConformanceOptions = {},
): void {
  const test: StorageTest = (name, body) => {
    it(name, async () => {
      const under = await create();
      try {
        await body(under.storage, { settled: async () => undefined, ...under });
      } finally {
        await under.storage.close();
        await under.beside?.close();
        await under.close?.();
      }
    });
  };
  describe('a storage', () => {
    callCases(test);
    keyCases(test);
    batchCases(test, bigBatch);
    eventCases(test);
    orderCases(test);
    failureCases(test);
    if (lifespan !== undefined) expiryCases(test, lifespan);
  });
}

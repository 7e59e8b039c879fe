import { describe, it } from 'vitest';
import { createRichCodec, memoryStorage } from '../../src/index.js';
import { ManualClock, type SuiteKey, type SuiteValue, storageConformance } from '../../src/testing/index.js';

describe('in memory', () => {
  storageConformance({ describe, it }, async () => ({
    storage: memoryStorage<SuiteKey, SuiteValue>({ id: 'tested' }),
    beside: memoryStorage<SuiteKey, SuiteValue>({ id: 'beside' }),
  }));
});

describe('in memory, with a time to live', () => {
  storageConformance({ describe, it }, async () => {
    const clock = new ManualClock();
    const options = { expireAfterWriteInMs: 1000, expireAfterAccessInMs: 1000, clock };
    return { storage: memoryStorage<SuiteKey, SuiteValue>({ id: 'tested', ...options }) };
  });
});

describe('in memory, with a codec for keys', () => {
  storageConformance({ describe, it }, async () => {
    const keyCodec = createRichCodec<SuiteKey>();
    return { storage: memoryStorage<SuiteKey, SuiteValue>({ id: 'tested', keyCodec }) };
  });
});

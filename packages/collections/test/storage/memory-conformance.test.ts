import { describe, it } from 'vitest';
import { createJsonCodec, createRichCodec, memoryStorage } from '../../src/index.js';
import {
  type Lifespan,
  ManualClock,
  type SuiteKey,
  type SuiteValue,
  storageConformance,
} from '../../src/testing/index.js';

describe('in memory', () => {
  storageConformance({ describe, it }, async () => ({
    storage: memoryStorage<SuiteKey, SuiteValue>({ id: 'tested' }),
    beside: memoryStorage<SuiteKey, SuiteValue>({ id: 'beside' }),
  }));
});

describe.each<Lifespan>([
  { afterWriteInMs: 1000 },
  { afterAccessInMs: 1000 },
  { afterWriteInMs: 1000, afterAccessInMs: 1000 },
  { afterWriteInMs: 2500, afterAccessInMs: 1000 },
  { afterWriteInMs: 1000, afterAccessInMs: 2500 },
])('in memory, with ends %o', (lifespan) => {
  const create = async () => {
    const clock = new ManualClock();
    const options = {
      expireAfterWriteInMs: lifespan.afterWriteInMs ?? Number.POSITIVE_INFINITY,
      expireAfterAccessInMs: lifespan.afterAccessInMs ?? Number.POSITIVE_INFINITY,
      clock,
    };
    return {
      storage: memoryStorage<SuiteKey, SuiteValue>({ id: 'tested', ...options }),
      passTime: (ms: number) => clock.advance(ms),
    };
  };
  storageConformance({ describe, it }, create, { lifespan });
});

describe('in memory, with a codec for values', () => {
  storageConformance({ describe, it }, async () => ({
    storage: memoryStorage<SuiteKey, SuiteValue>({ id: 'tested', valueCodec: createJsonCodec<SuiteValue>() }),
  }));
});

describe('in memory, with a codec for keys', () => {
  storageConformance({ describe, it }, async () => {
    const keyCodec = createRichCodec<SuiteKey>();
    return { storage: memoryStorage<SuiteKey, SuiteValue>({ id: 'tested', keyCodec }) };
  });
});

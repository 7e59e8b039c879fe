import { describe, it } from 'vitest';
import { type SuiteKey, type SuiteValue, storageConformance } from '../../src/testing/index.js';
import { OwnStorage } from './own-storage.js';

describe('a storage of a program', () => {
  storageConformance({ describe, it }, async () => ({
    storage: new OwnStorage<SuiteKey, SuiteValue>('tested'),
    beside: new OwnStorage<SuiteKey, SuiteValue>('beside'),
  }));
});

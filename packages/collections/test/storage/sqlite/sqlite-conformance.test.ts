import { describe, it } from 'vitest';
import { sqliteStorage } from '../../../src/storage/sqlite/index.js';
import { type SuiteKey, type SuiteValue, storageConformance } from '../../../src/testing/index.js';
import { openWasm } from './sqlite.js';

describe('in SQLite', () => {
  storageConformance({ describe, it }, async () => {
    const { database, close } = openWasm();
    return {
      storage: sqliteStorage<SuiteKey, SuiteValue>({ id: 'tested', database, requestTimeoutInMs: 60_000 }),
      beside: sqliteStorage<SuiteKey, SuiteValue>({ id: 'beside', database }),
      close: async () => close(),
    };
  });
});

import { describe, it } from 'vitest';
import { sqliteStorage } from '../../../src/storage/sqlite/index.js';
import { type SuiteKey, type SuiteValue, storageConformance } from '../../../src/testing/index.js';
import { builtIn, type OpenedSqlite, openBuiltIn, openWasm } from './sqlite.js';

if (builtIn === undefined)
  console.warn('SKIPPED: this Node.js has no SQLite itself, and nothing was tested against that');

const conforms = (open: () => OpenedSqlite): void =>
  storageConformance({ describe, it }, async () => {
    const { database, close } = open();
    return {
      storage: sqliteStorage<SuiteKey, SuiteValue>({ id: 'tested', database, requestTimeoutInMs: 60_000 }),
      beside: sqliteStorage<SuiteKey, SuiteValue>({ id: 'beside', database }),
      close: async () => close(),
    };
  });

describe('in SQLite', () => conforms(openWasm));

describe.skipIf(builtIn === undefined)('in the SQLite of Node.js', () => conforms(openBuiltIn));

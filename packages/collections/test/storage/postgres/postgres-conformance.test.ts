import type pg from 'pg';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { postgresStorage } from '../../../src/storage/postgres/index.js';
import { type SuiteKey, type SuiteValue, storageConformance } from '../../../src/testing/index.js';
import { PostgresServer } from '../servers/postgres-server.js';
import { reportMissing } from '../servers/programs.js';

if (!PostgresServer.isInstalled) reportMissing('PostgreSQL');

/** So long that it ends nothing on a machine that has much else to do. */
const requestTimeoutInMs = 60_000;

describe.skipIf(!PostgresServer.isInstalled)('in PostgreSQL', () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let made = 0;

  beforeAll(async () => {
    server = await PostgresServer.start();
    pool = server.openPool();
  });

  afterAll(async () => {
    await pool?.end();
    server?.close();
  });

  storageConformance({ describe, it }, async () => ({
    storage: postgresStorage<SuiteKey, SuiteValue>({ id: `tested-${++made}`, pool, requestTimeoutInMs }),
    beside: postgresStorage<SuiteKey, SuiteValue>({ id: `beside-${made}`, pool, requestTimeoutInMs }),
  }));
});

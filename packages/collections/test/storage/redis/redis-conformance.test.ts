import { createClient } from 'redis';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { redisStorage } from '../../../src/storage/redis/index.js';
import { type SuiteKey, type SuiteValue, storageConformance } from '../../../src/testing/index.js';
import { reportMissing } from '../servers/programs.js';
import { RedisServer } from '../servers/redis-server.js';

if (!RedisServer.isInstalled) reportMissing('Redis');

/** So long that it ends nothing on a machine that has much else to do. */
const requestTimeoutInMs = 60_000;

describe.skipIf(!RedisServer.isInstalled)('in Redis', () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  let made = 0;

  beforeAll(async () => {
    server = await RedisServer.start();
    client = createClient({ url: server.url });
    await client.connect();
  });

  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  storageConformance({ describe, it }, async () => ({
    storage: redisStorage<SuiteKey, SuiteValue>({ id: `tested-${++made}`, client, requestTimeoutInMs }),
    beside: redisStorage<SuiteKey, SuiteValue>({ id: `beside-${made}`, client, requestTimeoutInMs }),
  }));
});

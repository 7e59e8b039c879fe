import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisClient, type RedisStorageOptions, redisStorage } from '../../../src/storage/redis/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { reportMissing } from '../servers/programs.js';
import { RedisServer } from '../servers/redis-server.js';
import { told } from '../told.js';
import { transactionCases } from '../transactions.js';
import { WritesOfPairs } from '../writes-of-pairs.js';

if (!RedisServer.isInstalled) reportMissing('Redis');

/** A client as programs make it: it hears of its errors, and connects again. */
const createFor = (url: string) =>
  createClient({ url, socket: { reconnectStrategy: 20 } }).on('error', () => undefined);

type Client = ReturnType<typeof createFor>;

const heard = (client: Client, event: 'ready' | 'reconnecting') =>
  new Promise<void>((resolve) => client.once(event, () => resolve()));

/** So long that it ends nothing on a machine that has much else to do. */
const requestTimeoutInMs = 60_000;

describe.skipIf(!RedisServer.isInstalled)('a storage in Redis', () => {
  let server: RedisServer;
  let shared: Client;
  const clients: Client[] = [];
  let made = 0;

  beforeAll(async () => {
    server = await RedisServer.start();
    shared = await openClient();
    clients.splice(0);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });
  afterAll(async () => {
    shared?.destroy();
    await server?.stop();
  });

  async function openClient(): Promise<Client> {
    const client = createFor(server.url);
    await client.connect();
    clients.push(client);
    return client;
  }

  function open(options: Partial<RedisStorageOptions<string, number>> = {}) {
    return redisStorage<string, number>({ id: `storage-${++made}`, client: shared, requestTimeoutInMs, ...options });
  }

  describe('with transactions', () => transactionCases((id) => open({ id })));

  it('answers exactly, whoever else writes the same keys', async () => {
    const id = 'contended';
    const storages = [open({ id, client: await openClient() }), open({ id, client: await openClient() })];
    const before = await Promise.all(
      storages.flatMap((storage, writer) => Array.from({ length: 200 }, (_, i) => storage.set('k', writer * 1000 + i))),
    );
    const last = await storages[0]?.get('k');
    const written = storages.flatMap((_, writer) => Array.from({ length: 200 }, (_, i) => writer * 1000 + i));
    expect([...before.filter((value) => value !== undefined), last].sort()).toEqual(written.sort());

    const inserted = await Promise.all(storages.map((storage, writer) => storage.insert('one', writer)));
    expect(inserted.filter((taken) => taken === undefined)).toHaveLength(1);
  });

  it('begins a transaction again where what it read was changed meanwhile', async () => {
    const storage = open();
    const other = open({ id: storage.id, client: await openClient() });
    await storage.setAll([
      ['read', 1],
      ['beside', 1],
    ]);
    const runs: unknown[] = [];
    const transact = (
      read: (entries: { size(): Promise<number>; keys(): Promise<ReadonlySet<string>> }) => Promise<unknown>,
      change: () => Promise<unknown>,
    ) =>
      storage.transact('log', async (entries) => {
        runs.push(await read(entries));
        if (runs.length === 1) await change();
        await entries.set('written', runs.length);
        return new Uint8Array(1);
      });
    await storage.transact('log', async (entries) => {
      runs.push(await entries.get('read'));
      if (runs.length === 1) await other.set('read', 2);
      await entries.set('written', runs.length);
      return new Uint8Array(1);
    });
    expect([runs.splice(0), await storage.get('written')]).toEqual([[1, 2], 2]);
    await transact(
      (entries) => entries.size(),
      () => other.delete('beside'),
    );
    expect(runs.splice(0)).toEqual([3, 2]);
    await transact(
      async (entries) => [...(await entries.keys())].sort(),
      async () => {
        await other.delete('read');
        await other.set('new', 1);
      },
    );
    expect(runs.splice(0)).toEqual([
      ['read', 'written'],
      ['new', 'written'],
    ]);
    await transact(
      async () => 'nothing',
      () => other.set('new', 2),
    );
    expect(runs).toEqual(['nothing']);
  });

  it('tells of the parts of a batch that are known to be made, and says that the others may be', async () => {
    let lost = 0;
    let scripts = 0;
    const losing: RedisClient = {
      get isReady() {
        return shared.isReady;
      },
      sendCommand: async (args, options) => {
        const isLost = args[0] === 'EVAL' && ++scripts === lost;
        const answer = await shared.sendCommand([...args], options);
        if (isLost) throw Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' });
        return answer;
      },
    };
    const storage = open({ client: losing, maxBatchKeys: 2 });
    const events = told(storage);
    lost = 2;
    const batch = storage.setAll(['a', 'b', 'c', 'd', 'e'].map((key, i) => [key, i]));
    const next = storage.set('f', 5);
    await expect(batch).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: true });
    expect(await next).toBeUndefined();
    expect(events).toEqual([
      ['created', 'a', 0],
      ['created', 'b', 1],
      ['created', 'e', 4],
      ['created', 'f', 5],
    ]);
    expect(await storage.size()).toBe(6);
    scripts = 0;
    lost = 1;
    await expect(storage.deleteAll(['a'])).rejects.toMatchObject({
      code: 'storage-unavailable',
      mayHaveHappened: true,
    });
    expect(await storage.restoreAll([['a', 9]])).toEqual(new Set(['a']));
  });

  it('says that nothing happened where only reads are not answered', async () => {
    const writes = ['EVAL', 'UNLINK'];
    const broken: RedisClient = {
      isReady: true,
      sendCommand: async ([name]) => {
        throw Object.assign(new Error(`ECONNRESET at ${name}`), { code: 'ECONNRESET' });
      },
    };
    const odd: RedisClient = { isReady: true, sendCommand: async () => 'no list' };
    const readsOf = (storage: ReturnType<typeof open>) => [
      storage.get('a'),
      storage.getAll(['a', 'b']),
      storage.keys(),
      storage[Symbol.asyncIterator]().next(),
      storage.transact('log', async () => new Uint8Array(1)),
    ];
    const overBroken = open({ client: broken });
    const reads = [overBroken.size(), overBroken.isEmpty(), ...readsOf(overBroken), ...readsOf(open({ client: odd }))];
    for (const read of await Promise.allSettled(reads))
      expect(read).toMatchObject({ reason: { code: 'storage-unavailable', mayHaveHappened: false } });

    const forgetful: RedisClient = {
      isReady: true,
      sendCommand: async (args, options) => {
        const answer = await shared.sendCommand([...args], options);
        if (writes.includes(String(args[0]))) throw Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' });
        return answer;
      },
    };
    const storage = open({ client: forgetful });
    const changes = [
      storage.set('a', 1),
      storage.clear(),
      storage.transact('log', async (entries) => {
        await entries.set('b', 1);
        return new Uint8Array(1);
      }),
    ];
    for (const change of await Promise.allSettled(changes))
      expect(change).toMatchObject({ reason: { code: 'storage-unavailable', mayHaveHappened: true } });
  });

  it('says that nothing happened where the server refuses', async () => {
    const storage = open();
    await shared.set(`hamok:{${storage.id}}`, 'no hash');
    const events = told(storage);
    await expect(storage.set('a', 1)).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    await expect(storage.get('a')).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    await storage.clear();
    expect([await storage.set('a', 1), events]).toEqual([undefined, [['cleared'], ['created', 'a', 1]]]);
  });

  it('ends a call that is not answered in time', async () => {
    const clock = new ManualClock();
    const client = await openClient();
    const storage = open({ clock, client, requestTimeoutInMs: 1000 });
    await storage.set('a', 1);
    const events = told(storage);
    server.pause();
    const calls = [storage.set('a', 2), storage.get('a'), storage.deleteAll(['a'])];
    const outcomes = Promise.allSettled(calls);
    await clock.advance(1000);
    const reasons = (await outcomes).map((outcome) => (outcome.status === 'rejected' ? outcome.reason : outcome));
    expect(reasons).toMatchObject([
      { code: 'storage-unavailable', mayHaveHappened: true },
      { code: 'storage-unavailable', mayHaveHappened: false },
      { code: 'storage-unavailable', mayHaveHappened: true },
    ]);
    server.resume();
    await storage.close();
    expect([events, clock.pendingTimers]).toEqual([[], 0]);
  });

  it('gives each key once when the hash changes its size during an iteration', async () => {
    const storage = open({ maxBatchKeys: 50 });
    const keys = Array.from({ length: 2000 }, (_, i) => `key-${i}`);
    await storage.setAll(keys.map((key) => [key, 1]));
    const seen: string[] = [];
    for await (const [key] of storage) {
      seen.push(key);
      if (seen.length === 200) await storage.deleteAll(keys.slice(0, 1900));
      if (seen.length === 250) await storage.setAll(keys.map((each) => [`new-${each}`, 1]));
    }
    expect(new Set(seen).size).toBe(seen.length);
    for (const key of keys.slice(1900)) expect(seen).toContain(key);
  });

  it('refuses options that cannot be meant, by their name', () => {
    expect(() => open({ client: {} as never })).toThrow(
      expect.objectContaining({ code: 'option', field: 'client' }) as Error,
    );
    expect(() => open({ prefix: 1 as never })).toThrow(
      expect.objectContaining({ code: 'option', field: 'prefix' }) as Error,
    );
  });

  it('says that nothing happened where it is not connected, and works again when it is', async () => {
    const client = await openClient();
    const clock = new ManualClock();
    const storage = open({ client, clock });
    const events = told(storage);
    const pairs = new WritesOfPairs(storage);
    await pairs.write('first');
    server.pause();
    const writes = pairs.writeMany(100);
    const gone = heard(client, 'reconnecting');
    await server.stop();
    await gone;
    // The client keeps what it has not sent, until it is taken back.
    await clock.advance(requestTimeoutInMs);
    await Promise.all(writes);
    expect(pairs.refused).toBe(100);
    await expect(storage.set('down', 1)).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    const ready = heard(client, 'ready');
    await server.start();
    await ready;
    expect(await storage.set('after', 1)).toBeUndefined();
    expect(events).toEqual([
      ['created', 'first', 1],
      ['created', "first'", 1],
      ['created', 'after', 1],
    ]);
    expect(pairs.acknowledged).toEqual(['first']);
  });
});

import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresStorageOptions, postgresStorage } from '../../../src/storage/postgres/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { PostgresServer } from '../servers/postgres-server.js';
import { reportMissing } from '../servers/programs.js';
import { told } from '../told.js';
import { transactionCases } from '../transactions.js';
import { WritesOfPairs } from '../writes-of-pairs.js';

if (!PostgresServer.isInstalled) reportMissing('PostgreSQL');

/** So long that it ends nothing on a machine that has much else to do. */
const requestTimeoutInMs = 60_000;

describe.skipIf(!PostgresServer.isInstalled)('a storage in PostgreSQL', () => {
  let server: PostgresServer;
  const pools: pg.Pool[] = [];
  let made = 0;

  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()));
  });
  afterAll(() => server?.close());

  function openPool(): pg.Pool {
    const pool = server.openPool();
    pools.push(pool);
    return pool;
  }

  function open(options: Partial<PostgresStorageOptions<string, number>> = {}) {
    return postgresStorage<string, number>({
      id: `storage-${++made}`,
      pool: openPool(),
      requestTimeoutInMs,
      ...options,
    });
  }

  /** Another connection, on which statements are not of any storage. */
  async function openClient(): Promise<pg.PoolClient> {
    return openPool().connect();
  }

  /** Resolves when a query of somebody waits for a lock. */
  async function someoneWaits(client: pg.PoolClient): Promise<void> {
    for (;;) {
      const { rows } = await client.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      if (rows.length > 0) return;
    }
  }

  describe('with transactions', () => transactionCases((id) => open({ id })));

  it('answers exactly, whoever else writes the same keys', async () => {
    const id = 'contended';
    const storages = Array.from({ length: 4 }, () => open({ id }));
    const before = await Promise.all(
      storages.flatMap((storage, writer) => Array.from({ length: 100 }, (_, i) => storage.set('k', writer * 1000 + i))),
    );
    // Each value but the last was replaced by exactly one other.
    const last = await storages[0]?.get('k');
    const written = storages.flatMap((_, writer) => Array.from({ length: 100 }, (_, i) => writer * 1000 + i));
    const replaced = before.filter((value) => value !== undefined);
    expect([...replaced, last].sort()).toEqual(written.sort());

    const inserted = await Promise.all(storages.map((storage, writer) => storage.insert('one', writer)));
    expect(inserted.filter((taken) => taken === undefined)).toHaveLength(1);
    expect(new Set(inserted.filter((taken) => taken !== undefined))).toEqual(new Set([await storages[0]?.get('one')]));

    const deleted = await Promise.all(storages.map((storage) => storage.delete('one')));
    expect(deleted.filter(Boolean)).toHaveLength(1);
  });

  it('carries out batches that overlap in any order, and single changes between them', async () => {
    const id = 'batches';
    const keys = Array.from({ length: 300 }, (_, i) => `key-${i}`);
    const storages = Array.from({ length: 4 }, () => open({ id, maxBatchKeys: 50 }));
    await Promise.all(
      storages.flatMap((storage, writer) => {
        const mine = writer % 2 === 0 ? keys : [...keys].reverse();
        return [
          storage.setAll(mine.map((key) => [key, writer])),
          storage.set(mine[7] ?? '', writer),
          storage.insertAll(mine.map((key) => [key, writer])),
          storage.deleteAll(mine.slice(100)),
          storage.setAll(mine.map((key) => [key, writer])),
        ];
      }),
    );
    const values = new Set((await storages[0]?.getAll(keys))?.values());
    expect(values.size).toBe(1);
  });

  it('reads side by side, and changes one at a time', async () => {
    const pool = openPool();
    let held = 0;
    const seen: number[] = [];
    pool.on('acquire', () => {
      held += 1;
      seen.push(held);
    });
    pool.on('release', () => {
      held -= 1;
    });
    const storage = open({ pool });
    await storage.set('a', 1);
    // However quick each is: they wait for the table, until all are under way.
    const client = await openClient();
    await client.query('BEGIN');
    await client.query('LOCK TABLE hamok_storage');
    const reads = Promise.all(Array.from({ length: 8 }, () => storage.get('a')));
    while (held < 8) await new Promise<void>((resolve) => pool.once('acquire', () => resolve()));
    await client.query('ROLLBACK');
    client.release();
    await reads;
    expect(Math.max(...seen.splice(0))).toBe(8);
    await Promise.all(Array.from({ length: 8 }, (_, i) => storage.set('a', i)));
    expect(Math.max(...seen.splice(0))).toBe(1);
    const mixed = await Promise.all([storage.get('a'), storage.set('a', 8), storage.get('a'), storage.size()]);
    expect(mixed).toEqual([7, 7, 8, 1]);
  });

  it('takes any name for a table, and no statement for a name', async () => {
    const hostile = `x"; DROP TABLE "${'y'.repeat(20)}'\\`;
    const storage = open({ table: hostile, id: `'; DELETE FROM hamok_storage; --` });
    await storage.set(`'); --`, 1);
    expect([await storage.get(`'); --`), await storage.size()]).toEqual([1, 1]);
    const client = await openClient();
    const { rows } = await client.query('SELECT FROM pg_tables WHERE tablename = $1', [hostile]);
    client.release();
    expect(rows).toHaveLength(1);

    expect(() => open({ table: 'x'.repeat(49) })).toThrow(expect.objectContaining({ field: 'table' }) as Error);
    expect(() => open({ table: 'a\0b' })).toThrow(expect.objectContaining({ field: 'table' }) as Error);
    expect(() => open({ schema: '' })).toThrow(expect.objectContaining({ field: 'schema' }) as Error);
    expect(() => open({ id: 'a'.repeat(513) })).toThrow(expect.objectContaining({ field: 'id' }) as Error);
    expect(() => open({ id: 'a\0' })).toThrow(expect.objectContaining({ field: 'id' }) as Error);
    expect(() => open({ pool: {} as never })).toThrow(expect.objectContaining({ field: 'pool' }) as Error);
    await expect(open({ schema: 'missing' }).set('a', 1)).rejects.toMatchObject({
      code: 'storage-unavailable',
      mayHaveHappened: false,
    });
  });

  it('creates its table once, when several begin at once', async () => {
    const storages = Array.from({ length: 8 }, (_, i) => open({ id: `new-${i}`, table: 'created at once' }));
    await Promise.all(storages.map((storage) => storage.set('a', 1)));
    expect(await Promise.all(storages.map((storage) => storage.size()))).toEqual(storages.map(() => 1));
  });

  it('undoes a batch whose connection is killed, and says that it did not happen', async () => {
    const storage = open({ maxBatchKeys: 2 });
    await storage.setAll([
      ['a', 1],
      ['z', 1],
    ]);
    const events = told(storage);
    const client = await openClient();
    await client.query('BEGIN');
    await client.query('SELECT FROM hamok_storage WHERE storage = $1 AND key = $2 FOR UPDATE', [
      storage.id,
      Buffer.from('"z"'),
    ]);
    const batch = storage.setAll(['a', 'b', 'c', 'y', 'z'].map((key) => [key, 2]));
    const after = storage.set('after', 3);
    await someoneWaits(client);
    await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    await expect(batch).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    await client.query('ROLLBACK');
    client.release();
    expect(await after).toBeUndefined();
    expect(new Map(await storage.getAll(['a', 'b', 'c', 'y', 'z']))).toEqual(
      new Map([
        ['a', 1],
        ['z', 1],
      ]),
    );
    expect(events).toEqual([['created', 'after', 3]]);
  });

  it.each([
    ['a batch', /^COMMIT/, 2],
    ['one key', /INSERT/, 1],
  ])('says that %s may have happened when the answer to it is lost', async (_, lost, count) => {
    const pool = openPool();
    const losing = {
      connect: async () => {
        const client = await pool.connect();
        const query = client.query.bind(client) as (query: { text: string }) => Promise<never>;
        const losingQuery = async (given: { text: string }) => {
          const answer = await query(given);
          if (lost.test(given.text)) throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
          return answer;
        };
        return new Proxy(client, {
          get: (target, name) => {
            const property: unknown = name === 'query' ? losingQuery : Reflect.get(target, name, target);
            return typeof property === 'function' ? property.bind(target) : property;
          },
        });
      },
    };
    const whole = open();
    await whole.size();
    const storage = open({ id: whole.id, pool: losing });
    const events = told(storage);
    const entries = Array.from({ length: count }, (_, i) => [`key-${i}`, i] as const);
    await expect(storage.setAll(entries)).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: true });
    await expect(storage.get('key-0')).resolves.toBe(0);
    expect([await whole.size(), events]).toEqual([count, []]);
  });

  it('ends a call that is not answered in time, and goes on with the next', async () => {
    const clock = new ManualClock();
    const storage = open({ clock, requestTimeoutInMs: 1000 });
    await storage.set('a', 1);
    const events = told(storage);
    const client = await openClient();
    await client.query('BEGIN');
    await client.query('SELECT FROM hamok_storage WHERE storage = $1 FOR UPDATE', [storage.id]);
    const late = storage.set('a', 2);
    const notBegun = storage.set('a', 3);
    await someoneWaits(client);
    await clock.advance(1000);
    await expect(late).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: true });
    await expect(notBegun).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    await client.query('ROLLBACK');
    client.release();
    expect(await storage.insert('b', 4)).toBeUndefined();
    expect(events).toEqual([['created', 'b', 4]]);
    await storage.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('says that nothing happened where there is no server, and works again when there is', async () => {
    const storage = open();
    await storage.set('before', 0);
    const events = told(storage);
    const pairs = new WritesOfPairs(storage);
    const writes = pairs.writeMany(200);
    await writes[20];
    server.stop('immediate');
    await Promise.all(writes);
    expect(pairs.refused).toBeGreaterThan(0);
    await expect(storage.set('down', 1)).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    await expect(storage.get('before')).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    server.start();

    expect(await storage.get('before')).toBe(0);
    const kept = new Set(await storage.keys());
    for (const key of pairs.acknowledged) expect([kept.has(key), kept.has(`${key}'`)]).toEqual([true, true]);
    // A batch is there as a whole, or not at all; what was told is there.
    for (const key of kept) if (key.startsWith('key-') && !key.endsWith("'")) expect(kept.has(`${key}'`)).toBe(true);
    expect(events).toEqual(pairs.acknowledged.flatMap((key) => [['created', key, 1], ['created', `${key}'`, 1]])); // biome-ignore format: one line
    expect(await storage.set('after', 1)).toBeUndefined();
  });
});

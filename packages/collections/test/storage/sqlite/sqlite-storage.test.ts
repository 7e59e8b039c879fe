import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type SqliteDatabase, type SqliteStorageOptions, sqliteStorage } from '../../../src/storage/sqlite/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { told } from '../told.js';
import { transactionCases } from '../transactions.js';
import { type OpenedSqlite, openWasm } from './sqlite.js';

const opened: OpenedSqlite[] = [];

function openDatabase(path?: string): SqliteDatabase {
  const sqlite = openWasm(path);
  opened.push(sqlite);
  return sqlite.database;
}

afterEach(() => {
  for (const { close } of opened.splice(0)) close();
});

function open(options: Partial<SqliteStorageOptions<string, number>> = {}) {
  return sqliteStorage<string, number>({ id: 'storage', database: openDatabase(), ...options });
}

/** A connection that fails where it is told to. */
function failing(
  database: SqliteDatabase,
  fails: (sql: string, values: readonly unknown[]) => boolean,
): SqliteDatabase {
  const check = (sql: string, values: readonly unknown[] = []): void => {
    if (fails(sql, values)) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });
  };
  return {
    exec: (sql) => {
      check(sql);
      return database.exec(sql);
    },
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        ...statement,
        run: (...values) => {
          check(sql, values);
          return statement.run(...values);
        },
      };
    },
  };
}

describe('a storage in SQLite', () => {
  describe('with transactions', () => {
    const databases = new Map<string, SqliteDatabase>();
    transactionCases((id) => {
      const database = databases.get(id) ?? openDatabase();
      databases.set(id, database);
      return sqliteStorage<string, number>({ id, database });
    });
  });

  it('keeps what it holds in a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
    try {
      const path = join(folder, 'storage.db');
      const first = openWasm(path);
      const storage = sqliteStorage<string, number>({ id: 'kept', database: first.database });
      await storage.setAll([
        ['a', 1],
        ['b', 2],
      ]);
      await storage.close();
      first.close();
      const again = sqliteStorage<string, number>({ id: 'kept', database: openDatabase(path) });
      expect([await again.get('a'), await again.size()]).toEqual([1, 2]);
    } finally {
      for (const { close } of opened.splice(0)) close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('undoes a batch that fails in its midst, tells nothing of it, and goes on', async () => {
    const whole = openDatabase();
    const storage = open({
      database: failing(whole, (sql, values) => sql.startsWith('INSERT') && isKey(values[1], 'c')),
    });
    await storage.set('a', 1);
    const events = told(storage);
    const batch = storage.setAll(['a', 'b', 'c', 'd'].map((key) => [key, 2]));
    const next = storage.set('e', 3);
    await expect(batch).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    expect(await next).toBeUndefined();
    expect([...(await storage.getAll(['a', 'b', 'c', 'd', 'e']))]).toEqual([
      ['a', 1],
      ['e', 3],
    ]);
    expect(events).toEqual([['created', 'e', 3]]);
  });

  it('undoes what cannot be committed', async () => {
    let broken = true;
    const storage = open({ database: failing(openDatabase(), (sql) => broken && sql === 'COMMIT') });
    const events = told(storage);
    await expect(storage.set('a', 1)).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    broken = false;
    expect([await storage.get('a'), await storage.insert('a', 2), events]).toEqual([
      undefined,
      undefined,
      [['created', 'a', 2]],
    ]);
  });

  it('lets calls of all storages of a connection wait for a transaction, though not for ever', async () => {
    const clock = new ManualClock();
    const database = openDatabase();
    const [one, other] = ['one', 'other'].map((id) => open({ id, database, clock, requestTimeoutInMs: 1000 }));
    if (one === undefined || other === undefined) throw new Error('no storages');
    let ended: () => void = () => undefined;
    const begun = new Promise<void>((begin) => {
      void one.transact('log', async (entries) => {
        await entries.set('a', 1);
        begin();
        await new Promise<void>((end) => {
          ended = end;
        });
        return new Uint8Array(1);
      });
    });
    await begun;
    const waiting = other.set('b', 2);
    ended();
    expect(await waiting).toBeUndefined();
    expect([await one.get('a'), await other.get('b')]).toEqual([1, 2]);

    const events = told(one);
    const endless = one.transact('log', async (entries) => {
      await entries.set('c', 3);
      return new Promise<Uint8Array>(() => undefined);
    });
    const next = other.set('d', 4);
    await clock.advance(1000);
    await expect(endless).rejects.toMatchObject({ code: 'storage-unavailable', mayHaveHappened: false });
    expect(await next).toBeUndefined();
    expect([await one.get('c'), await other.set('d', 5), events]).toEqual([undefined, 4, []]);
    await Promise.all([one.close(), other.close()]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses what is too large, and changes nothing', async () => {
    const storage = open({ maxKeyBytes: 8, maxValueBytes: 4 });
    await expect(storage.set('1234567', 1)).rejects.toMatchObject({ code: 'too-large', bytes: 9, maxCommandBytes: 8 });
    await expect(storage.get('1234567')).rejects.toMatchObject({ code: 'too-large' });
    await expect(storage.setAll([['a', 1], ['b', 12345]])).rejects.toMatchObject({ code: 'too-large' }); // biome-ignore format: one line
    expect(await storage.size()).toBe(0);
    expect(await storage.set('123456', 1234)).toBeUndefined();
  });

  it('holds any bytes that a codec gives, none included', async () => {
    const plain = { encode: (value: Uint8Array) => value, decode: (encoded: Uint8Array) => encoded };
    const database = openDatabase();
    const storage = sqliteStorage<Uint8Array, Uint8Array>({
      id: 'bytes',
      database,
      keyCodec: plain,
      valueCodec: plain,
    });
    const none = new Uint8Array(0);
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    await storage.setAll([
      [none, all],
      [all, none],
    ]);
    expect([await storage.get(none), await storage.get(all), (await storage.keys()).size]).toEqual([all, none, 2]);
    const content: unknown[] = [];
    for await (const entry of storage) content.push(entry);
    expect(content).toEqual([
      [none, all],
      [all, none],
    ]);
  });

  it('says which entry it cannot decode, and what was done', async () => {
    const database = openDatabase();
    const valueCodec = {
      encode: (value: string) => new TextEncoder().encode(value),
      decode: () => expect.unreachable(''),
    };
    const storage = sqliteStorage<string, string>({ id: 'storage', database, valueCodec });
    const events = told(storage);
    await storage.set('a', 'x');
    await expect(storage.get('a')).rejects.toMatchObject({ code: 'codec' });
    await expect(storage.set('a', 'y')).rejects.toMatchObject({ code: 'codec', mayHaveHappened: true });
    await expect(storage.deleteAll(['a'])).rejects.toMatchObject({ code: 'codec', mayHaveHappened: true });
    expect([await storage.size(), events]).toEqual([0, [['created', 'a', 'x']]]);
  });

  it('refuses options that cannot be meant, by their name', () => {
    const database = openDatabase();
    const wrong: [string, object][] = [
      ['database', { database: {} }],
      ['table', { table: '' }],
      ['table', { table: 'x'.repeat(49) }],
      ['id', { id: '' }],
      ['keyCodec', { keyCodec: {} }],
      ['valueCodec', { valueCodec: {} }],
      ['requestTimeoutInMs', { requestTimeoutInMs: 0 }],
      ['maxKeyBytes', { maxKeyBytes: 2049 }],
      ['maxValueBytes', { maxValueBytes: 0 }],
      ['maxBatchKeys', { maxBatchKeys: 1.5 }],
      ['maxBatchBytes', { maxBatchBytes: -1 }],
    ];
    for (const [field, options] of wrong)
      expect(() => open({ database, ...options })).toThrow(expect.objectContaining({ code: 'option', field }) as Error);
    const closed = openWasm();
    closed.close();
    expect(() => open({ database: closed.database })).toThrow(
      expect.objectContaining({ code: 'storage-unavailable' }) as Error,
    );
  });
});

function isKey(bytes: unknown, key: string): boolean {
  return bytes instanceof Uint8Array && new TextDecoder().decode(bytes) === JSON.stringify(key);
}

// Prints what each storage costs: sets, gets and entries of batches a second, and the memory of entries in memory.
// Build first; then: POSTGRES_URL=postgres://… REDIS_URL=redis://… node --expose-gc packages/collections/bench/storages.mjs
// A database that no variable names is left out. Its storage is cleared before and after.
import sqlite from 'node-sqlite3-wasm';
import pg from 'pg';
import { createClient } from 'redis';
import { memoryStorage } from '../dist/index.js';
import { postgresStorage } from '../dist/storage/postgres/index.js';
import { redisStorage } from '../dist/storage/redis/index.js';
import { sqliteStorage } from '../dist/storage/sqlite/index.js';
import { measure } from './measure.mjs';

const keys = Array.from({ length: 10_000 }, (_, i) => `key-${i}`);
const value = { name: 'a value of some length', tags: ['one', 'two'], count: 12345 };

async function bench(name, storage, count) {
  await storage.clear();
  for (const callers of [1, 64]) {
    await measure(`${name}: set, ${callers} callers`, count, callers, (i) => storage.set(keys[i % keys.length], value));
    await measure(`${name}: get, ${callers} callers`, count, callers, (i) => storage.get(keys[i % keys.length]));
  }
  const batches = Math.ceil(count / 1000);
  const batch = (i) => keys.slice((i % 10) * 1000, (i % 10) * 1000 + 1000);
  const start = performance.now();
  for (let i = 0; i < batches; i++) await storage.setAll(batch(i).map((key) => [key, value]));
  const between = performance.now();
  for (let i = 0; i < batches; i++) await storage.getAll(batch(i));
  const perSecond = (ms) => Math.round((batches * 1000) / (ms / 1000)).toLocaleString('en');
  const [sets, gets] = [perSecond(between - start), perSecond(performance.now() - between)];
  console.log(`${name}: entries of setAll, 1000 each: ${sets} a second, of getAll: ${gets}`);
  await storage.clear();
  await storage.close();
}

async function memory(name, options) {
  const used = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const count = 1_000_000;
  const storage = memoryStorage({ id: 'memory', ...options });
  const before = used();
  for (let i = 0; i < count; i++) await storage.set(`key-${i}`, i);
  console.log(`${name}: ${((used() - before) / count).toFixed(0)} bytes an entry, its key of 10 characters included`);
  await storage.close();
}

const options = { id: 'bench' };
await bench('memory', memoryStorage(options), 500_000);
const ends = { expireAfterWriteInMs: 3_600_000, expireAfterAccessInMs: 3_600_000 };
await bench('memory with ends', memoryStorage({ ...options, ...ends }), 500_000);
if (globalThis.gc === undefined) console.log('memory: without --expose-gc, garbage counts too');
await memory('a million entries in memory');
await memory('a million entries in memory with ends', ends);

const wasm = new sqlite.Database(':memory:');
const prepare = (sql) => {
  const statement = wasm.prepare(sql);
  return {
    run: (...values) => statement.run(values),
    get: (...values) => statement.get(values),
    all: (...values) => statement.all(values),
  };
};
const database = { exec: (sql) => wasm.exec(sql), prepare };
await bench('SQLite in WebAssembly, in memory', sqliteStorage({ ...options, database }), 20_000);

const builtIn = process.getBuiltinModule('node:sqlite');
if (builtIn === undefined) console.log('left out: node:sqlite, which this Node.js does not have');
else {
  const db = new builtIn.DatabaseSync(':memory:');
  await bench('node:sqlite, in memory', sqliteStorage({ ...options, database: db }), 100_000);
}

const { POSTGRES_URL, REDIS_URL } = process.env;
if (POSTGRES_URL === undefined) console.log('left out: PostgreSQL, for POSTGRES_URL is not set');
else {
  const pool = new pg.Pool({ connectionString: POSTGRES_URL });
  await bench('PostgreSQL', postgresStorage({ ...options, pool }), 10_000);
  await pool.end();
}
if (REDIS_URL === undefined) console.log('left out: Redis, for REDIS_URL is not set');
else {
  const client = await createClient({ url: REDIS_URL }).connect();
  await bench('Redis', redisStorage({ ...options, client }), 50_000);
  client.destroy();
}

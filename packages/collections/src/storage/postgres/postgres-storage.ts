import { isObject } from '../../arguments.js';
import { systemClock } from '../../clock.js';
import { OptionError } from '../../errors.js';
import { type DatabaseStorageOptions, limitsOf } from '../database/database-options.js';
import { DatabaseStorage } from '../database/database-storage.js';
import { EntryCodec } from '../database/entry-codec.js';
import { requireStorageOptions } from '../storage-arguments.js';
import type { TransactionalStorage } from '../transactional-storage.js';
import type { PostgresPool } from './postgres-pool.js';
import { postgresStatements } from './postgres-statements.js';
import { PostgresTable } from './postgres-table.js';

/** It is indexed together with a key. */
const longestIdBytes = 512;

export interface PostgresStorageOptions<K, V> extends DatabaseStorageOptions<K, V> {
  /** A `Pool` of `pg`. It stays the caller's, who ends it after the storages over it, and listens to its `error` as `pg` asks. */
  readonly pool: PostgresPool;
  /** The table, which is created where it is not there, and may have several storages: up to 48 bytes. Default: `hamok_storage`. */
  readonly table?: string;
  /** The schema of the table, which must be there: up to 48 bytes. Default: the first of the search path. */
  readonly schema?: string;
}

/**
 * Keeps entries in a table of PostgreSQL (9.5 or later). A batch is one transaction, whatever its size. Results are exact whoever else
 * writes to the same storage, from this process or from another.
 *
 * @throws OptionError for a wrong option
 */
export function postgresStorage<K, V>(options: PostgresStorageOptions<K, V>): TransactionalStorage<K, V> {
  requireStorageOptions(options);
  const { id, pool, table = 'hamok_storage', schema, clock = systemClock } = options;
  if (id.includes('\0') || new TextEncoder().encode(id).length > longestIdBytes)
    throw new OptionError('id', `must have at most ${longestIdBytes} bytes, none of them 0`);
  if (!isObject(pool) || typeof pool.connect !== 'function') throw new OptionError('pool', 'must be a Pool of pg');
  const limits = limitsOf(options);
  const codec = new EntryCodec(options, limits);
  const statements = postgresStatements(id, table, schema);
  return new DatabaseStorage(options, new PostgresTable(pool, statements, id, limits, clock), codec);
}

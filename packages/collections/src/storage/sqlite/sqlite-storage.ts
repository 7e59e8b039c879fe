import { isObject } from '../../arguments.js';
import { systemClock } from '../../clock.js';
import { OptionError } from '../../errors.js';
import { type DatabaseStorageOptions, limitsOf } from '../database/database-options.js';
import { DatabaseStorage } from '../database/database-storage.js';
import { EntryCodec } from '../database/entry-codec.js';
import { requireStorageOptions } from '../storage-arguments.js';
import type { TransactionalStorage } from '../transactional-storage.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { SqliteTable } from './sqlite-table.js';

export interface SqliteStorageOptions<K, V> extends DatabaseStorageOptions<K, V> {
  /** A connection. It stays the caller's, who closes it after the storages over it. No transaction may be open on it during a call. */
  readonly database: SqliteDatabase;
  /** The table, which is created where it is not there, and may have several storages: up to 48 bytes. Default: `hamok_storage`. */
  readonly table?: string;
}

/**
 * Keeps entries in a table of SQLite, whose changes are all transactions: a batch is made or not, whatever its size. A connection works
 * in this process and at once, so a large batch keeps everything else waiting. While `transact` runs, what else is done on the
 * connection belongs to its transaction: storages take turns, but other programs of the connection do not.
 *
 * @throws OptionError for a wrong option, StorageUnavailableError where the tables cannot be created
 */
export function sqliteStorage<K, V>(options: SqliteStorageOptions<K, V>): TransactionalStorage<K, V> {
  requireStorageOptions(options);
  const { database, table = 'hamok_storage', clock = systemClock } = options;
  if (!isObject(database) || typeof database.exec !== 'function' || typeof database.prepare !== 'function')
    throw new OptionError('database', 'must be a connection with exec and prepare');
  const limits = limitsOf(options);
  const codec = new EntryCodec(options, limits);
  return new DatabaseStorage(options, new SqliteTable(database, options.id, table, limits, clock), codec);
}

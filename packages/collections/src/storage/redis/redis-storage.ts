import { isObject } from '../../arguments.js';
import { systemClock } from '../../clock.js';
import { OptionError } from '../../errors.js';
import { type DatabaseStorageOptions, limitsOf } from '../database/database-options.js';
import { DatabaseStorage } from '../database/database-storage.js';
import { EntryCodec } from '../database/entry-codec.js';
import { requireStorageOptions } from '../storage-arguments.js';
import type { TransactionalStorage } from '../transactional-storage.js';
import type { RedisClient } from './redis-client.js';
import { RedisConnection } from './redis-connection.js';
import { RedisTable } from './redis-table.js';

export interface RedisStorageOptions<K, V> extends DatabaseStorageOptions<K, V> {
  /** A client of `redis`, connected to one server. It stays the caller's, who closes it after the storages over it, and listens to its `error`. */
  readonly client: RedisClient;
  /** Begins the names of the storage's two keys. Default: `hamok:`. */
  readonly prefix?: string;
}

/**
 * Keeps entries in a hash of Redis (4 or later). A batch up to `maxBatchKeys` and `maxBatchBytes` is one script, which is made or not; a
 * larger one is several, each made or not, in their order. While the client is not connected calls reject at once. `keys` and
 * `transact` take as long as there are entries, respectively what is read and changed, during which the server does nothing else.
 *
 * @throws OptionError for a wrong option
 */
export function redisStorage<K, V>(options: RedisStorageOptions<K, V>): TransactionalStorage<K, V> {
  requireStorageOptions(options);
  const { id, client, prefix = 'hamok:', clock = systemClock } = options;
  if (!isObject(client) || typeof client.sendCommand !== 'function' || typeof client.isReady !== 'boolean')
    throw new OptionError('client', 'must be a client of redis');
  if (typeof prefix !== 'string') throw new OptionError('prefix', 'must be a string');
  const limits = limitsOf(options);
  const codec = new EntryCodec(options, limits);
  // The braces keep both on one node of a cluster.
  const [entries, notes] = [`${prefix}{${id}}`, `${prefix}{${id}}:notes`];
  const table = new RedisTable(new RedisConnection(client), entries, notes, limits, clock);
  return new DatabaseStorage(options, table, codec);
}

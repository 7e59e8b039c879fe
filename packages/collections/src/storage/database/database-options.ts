import type { Clock } from '../../clock.js';
import type { HamokCodec } from '../../codec.js';
import { OptionError } from '../../errors.js';
import type { StorageOptions } from '../storage.js';

/** What storages in databases have in common. */
export interface DatabaseStorageOptions<K, V> extends StorageOptions<K> {
  /** Default: JSON. */
  readonly valueCodec?: HamokCodec<V, Uint8Array>;
  /** Longest wait of a call in ms, above 0: then it rejects as `storage-unavailable`. Default: 5000. */
  readonly requestTimeoutInMs?: number;
  /** Bytes of an encoded key, from 1 to 2048. Beyond it: `too-large`. Default: 1024. */
  readonly maxKeyBytes?: number;
  /** Bytes of an encoded value, from 1 to 512 MiB. Beyond it: `too-large`. Default: 16 MiB. */
  readonly maxValueBytes?: number;
  /** Keys of one statement, or script, from 1: larger batches take several of them. So many entries are read at once by an iteration. Default: 1000. */
  readonly maxBatchKeys?: number;
  /** Bytes of keys and values of one statement, or script, from 1 (one entry may be larger). Default: 4 MiB. */
  readonly maxBatchBytes?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** The longest key that every database indexes. */
const longestKeyBytes = 2048;
const longestValueBytes = 512 * 1024 * 1024;

export interface DatabaseLimits {
  readonly requestTimeoutInMs: number;
  readonly maxKeyBytes: number;
  readonly maxValueBytes: number;
  readonly maxBatchKeys: number;
  readonly maxBatchBytes: number;
}

/** @throws OptionError for a limit that is none */
export function limitsOf<K, V>(options: DatabaseStorageOptions<K, V>): DatabaseLimits {
  const limits = {
    requestTimeoutInMs: options.requestTimeoutInMs ?? 5000,
    maxKeyBytes: options.maxKeyBytes ?? 1024,
    maxValueBytes: options.maxValueBytes ?? 16 * 1024 * 1024,
    maxBatchKeys: options.maxBatchKeys ?? 1000,
    maxBatchBytes: options.maxBatchBytes ?? 4 * 1024 * 1024,
  };
  if (!(limits.requestTimeoutInMs > 0)) throw new OptionError('requestTimeoutInMs', 'must be a number above 0');
  requireInteger('maxKeyBytes', limits.maxKeyBytes, longestKeyBytes);
  requireInteger('maxValueBytes', limits.maxValueBytes, longestValueBytes);
  requireInteger('maxBatchKeys', limits.maxBatchKeys, Number.MAX_SAFE_INTEGER);
  requireInteger('maxBatchBytes', limits.maxBatchBytes, Number.MAX_SAFE_INTEGER);
  return limits;
}

function requireInteger(field: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > most)
    throw new OptionError(
      field,
      most === Number.MAX_SAFE_INTEGER ? 'must be an integer from 1' : `must be an integer from 1 to ${most}`,
    );
}

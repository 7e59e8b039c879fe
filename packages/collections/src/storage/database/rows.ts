import { StorageUnavailableError } from '../../errors.js';

/**
 * The bytes in a column, without what a client's own class of bytes adds to them.
 *
 * @throws StorageUnavailableError for a column of another type: it is no table of ours
 */
export function plainBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new StorageUnavailableError(`bytes were expected in the database, and a ${typeof value} was found`, false);
}

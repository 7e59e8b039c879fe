import { isObject, requireCodec } from '../arguments.js';
import { OptionError } from '../errors.js';
import type { StorageOptions } from './storage.js';

/** @throws OptionError for what no storage can be made of */
export function requireStorageOptions<K>(options: StorageOptions<K>): void {
  if (!isObject(options)) throw new OptionError('options', 'must be an object');
  const { id, keyCodec, onError } = options;
  if (typeof id !== 'string' || id === '') throw new OptionError('id', 'must be a string that is not empty');
  if (keyCodec !== undefined) requireCodec('keyCodec', keyCodec);
  if (onError !== undefined && typeof onError !== 'function') throw new OptionError('onError', 'must be a function');
}

import { OptionError } from '../errors.js';

/**
 * The time to live that a command carries; undefined for none.
 *
 * @throws OptionError for what is not a number above 0
 */
export function ttlOf(ttlInMs: number | undefined): number | undefined {
  if (ttlInMs === undefined || ttlInMs === Number.POSITIVE_INFINITY) return undefined;
  if (!(typeof ttlInMs === 'number' && ttlInMs > 0)) throw new OptionError('ttlInMs', 'must be a number above 0');
  return Math.min(Math.ceil(ttlInMs), Number.MAX_SAFE_INTEGER);
}

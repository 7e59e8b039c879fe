import { iterable, pairs } from '../arguments.js';
import { CodecError } from '../errors.js';

/**
 * A batch as a `Map` reads entries, by what makes keys equal: of a key that comes twice the last value counts, at the first's place.
 *
 * @throws OptionError for what is no list of entries, CodecError for a key or value that is none, and what `identify` throws
 */
export function entriesById<K, V, I>(
  entries: Iterable<readonly [K, V]>,
  identify: (key: K) => I,
): Map<I, readonly [K, V]> {
  const batch = new Map<I, readonly [K, V]>();
  for (const [key, value] of pairs('entries', entries)) {
    requirePresent('key', key);
    requirePresent('value', value);
    const id = identify(key);
    batch.set(id, [batch.get(id)?.[0] ?? key, value]);
  }
  return batch;
}

/** @throws OptionError for what cannot be iterated over, CodecError for a key that is none, and what `identify` throws */
export function keysById<K, I>(keys: Iterable<K>, identify: (key: K) => I): Map<I, K> {
  const batch = new Map<I, K>();
  for (const key of iterable('keys', keys)) {
    requirePresent('key', key);
    const id = identify(key);
    if (!batch.has(id)) batch.set(id, key);
  }
  return batch;
}

/** @throws CodecError for undefined, which is no key and no value: it says that there is none */
export function requirePresent(what: 'key' | 'value', given: unknown): void {
  if (given === undefined) throw new CodecError(`undefined is no ${what} of a storage`);
}

import { CodecError } from '../errors.js';
import type { Outcome } from '../replicated/result.js';
import type { Accepted } from '../storage-client.js';

/** What a result says about the command's only key. */
export function soleOutcome(result: Accepted): Outcome {
  return isList(result) ? result[0] : result;
}

/** What a result says about the command's key at a position. */
export function outcomeAt(result: Accepted, position: number): Outcome {
  return isList(result) ? result[position] : result;
}

/** Whether the command did something to its only key. */
export function isDone(result: Accepted): boolean {
  const outcome = soleOutcome(result);
  return outcome !== undefined && outcome !== false;
}

/** Decodes a value that a change that was made gave back. */
export function decodeOutcome<V>(outcome: Outcome, decode: (bytes: Uint8Array) => V): V | undefined {
  if (!(outcome instanceof Uint8Array)) return undefined;
  try {
    return decode(outcome);
  } catch (cause) {
    throw new CodecError('the change was made, but its result cannot be decoded', { mayHaveHappened: true, cause });
  }
}

/** The keys for which a value was given back, each with its value. */
export function decodePairs<K, V>(
  items: readonly { readonly key: K }[],
  result: Accepted,
  decode: (bytes: Uint8Array) => V,
): Map<K, V> {
  const pairs = new Map<K, V>();
  items.forEach(({ key }, position) => {
    const outcome = outcomeAt(result, position);
    if (!(outcome instanceof Uint8Array)) return;
    const value = decodeOutcome(outcome, decode);
    if (value !== undefined) pairs.set(key, value);
  });
  return pairs;
}

export function mergeMaps<K, V>(maps: readonly ReadonlyMap<K, V>[]): ReadonlyMap<K, V> {
  return new Map(maps.flatMap((map) => [...map]));
}

export function mergeSets<K>(sets: readonly ReadonlySet<K>[]): ReadonlySet<K> {
  return new Set(sets.flatMap((set) => [...set]));
}

function isList(result: Accepted): result is readonly Outcome[] {
  return Array.isArray(result);
}

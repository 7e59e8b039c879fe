import { OptionError } from './errors.js';

// Programs without types pass anything: what cannot be meant is refused before it is used.

/** @throws OptionError for what cannot be iterated over */
export function iterable<T>(field: string, given: Iterable<T>): Iterable<T> {
  if (typeof given === 'string' || (isObject(given) && typeof given[Symbol.iterator] === 'function')) return given;
  throw new OptionError(field, 'must be iterable');
}

/** @throws OptionError for what is not a list of pairs */
export function pairs<K, V>(field: string, given: Iterable<readonly [K, V]>): (readonly [K, V])[] {
  const list = [...iterable(field, given)];
  if (!list.every((pair) => Array.isArray(pair))) throw new OptionError(field, 'must have pairs: [key, value]');
  return list;
}

/** @throws OptionError for what is not a text */
export function text(field: string, given: string): string {
  if (typeof given !== 'string') throw new OptionError(field, 'must be a string');
  return given;
}

/** @throws OptionError for what is there and does not encode and decode */
export function codecOr<C extends { encode: unknown; decode: unknown }>(
  field: string,
  given: C | undefined,
  byDefault: () => C,
): C {
  if (given === undefined) return byDefault();
  requireCodec(field, given);
  return given;
}

/** @throws OptionError */
export function requireCodec(field: string, given: { readonly encode: unknown; readonly decode: unknown }): void {
  if (!isObject(given) || typeof given.encode !== 'function' || typeof given.decode !== 'function')
    throw new OptionError(field, 'must have the functions encode and decode');
}

interface Wait {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutInMs?: number;
}

/** @throws OptionError for an end of a wait that could not end it */
export function requireWait(wait: Wait | undefined): void {
  const { signal, timeoutInMs } = wait ?? {};
  if (timeoutInMs !== undefined && !(typeof timeoutInMs === 'number' && timeoutInMs >= 0))
    throw new OptionError('timeoutInMs', 'must be a number from 0');
  if (signal !== undefined && !(isObject(signal) && typeof signal.addEventListener === 'function'))
    throw new OptionError('signal', 'must be an AbortSignal');
}

/** @throws OptionError for a promise, by the name of the program's function that gave it: what that gives is used at once */
export function notPromised<T>(field: string, given: T): T {
  if (!isObject(given) || !('then' in given) || typeof given.then !== 'function') return given;
  given.then(undefined, () => undefined);
  throw new OptionError(field, 'must not be asynchronous, and gave a promise');
}

export function isObject(given: unknown): given is object {
  return typeof given === 'object' && given !== null;
}

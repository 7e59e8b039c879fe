import { codeOf, isCertain, StorageFailedError } from '../errors.js';
import type { ChangeFailure } from './change-outcome.js';

/** What a storage says that is not there, and the network between it and its database, as Node.js names what fails in it. */
const unavailable: ReadonlySet<string> = new Set([
  'storage-unavailable',
  'unavailable',
  'closed',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const longestMessage = 1000;

/** Whether it helps to try again. */
export function isUnavailable(error: unknown): boolean {
  return unavailable.has(codeOf(error) ?? '');
}

export function failureOf(error: unknown): ChangeFailure {
  if (error instanceof StorageFailedError)
    return { code: error.reason, message: error.message, mayHaveHappened: error.mayHaveHappened };
  const message = (error instanceof Error ? error.message : String(error)).slice(0, longestMessage);
  return { code: codeOf(error) ?? 'unknown', message, mayHaveHappened: !isCertain(error) };
}

export function tooLargeToTell(bytes: number): ChangeFailure {
  const message = `made, but the ${bytes} bytes that were there before are too many to be told`;
  return { code: 'too-large', message, mayHaveHappened: true };
}

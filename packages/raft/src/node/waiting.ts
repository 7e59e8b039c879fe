import { ConfigurationError } from '../errors.js';
import type { Clock } from '../ports/clock.js';

/** How long, and until when, a caller waits. It ends the wait, not what was begun. */
export interface Wait {
  readonly signal?: AbortSignal;
  /** In ms, from 0; `Infinity` for no end. Default: the node's `requestTimeoutInMs`. */
  readonly timeoutInMs?: number;
}

/**
 * A promise that ends with the signal or the time, whichever comes first, by the error that `ended` makes.
 * The executor is given what to call when the outcome is there.
 */
export function waitFor<T>(
  clock: Clock,
  { signal, timeoutInMs = Number.POSITIVE_INFINITY }: Wait,
  ended: (cause: unknown) => Error,
  begin: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const wrong = wrongOption(signal, timeoutInMs);
    if (wrong) return reject(wrong);
    if (signal?.aborted) return reject(ended(signal.reason));
    const onAbort = (): void => finish(() => reject(ended(signal?.reason)));
    const cancelTimer = clock.setTimer(() => finish(() => reject(ended('timeout'))), timeoutInMs);
    const finish = (settle: () => void): void => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    begin(
      (value) => finish(() => resolve(value)),
      (error) => finish(() => reject(error)),
    );
  });
}

function wrongOption(signal: unknown, timeoutInMs: unknown): ConfigurationError | undefined {
  const isSignal = typeof signal === 'object' && signal !== null && 'aborted' in signal && 'addEventListener' in signal;
  if (signal !== undefined && !isSignal) return new ConfigurationError('signal', 'is not an AbortSignal');
  if (typeof timeoutInMs === 'number' && timeoutInMs >= 0) return undefined;
  return new ConfigurationError('timeoutInMs', `${String(timeoutInMs)} is not a number from 0`);
}

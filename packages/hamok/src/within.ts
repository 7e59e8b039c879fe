import type { Clock, Wait } from '@hamok/raft';
import { checkMethods } from './config.js';
import { AbortedError, ConfigurationError } from './errors.js';

/** @throws {ConfigurationError} unless the signal is one and the time is a number from 0, or `Infinity`. */
export function checkWait(wait: Wait): void {
  checkMethods('wait', wait, []);
  const { signal, timeoutInMs = 0 } = wait;
  if (signal !== undefined) checkMethods('signal', signal, ['addEventListener', 'removeEventListener']);
  if (!(typeof timeoutInMs === 'number' && timeoutInMs >= 0))
    throw new ConfigurationError('timeoutInMs', `${String(timeoutInMs)} is not a number from 0`);
}

/**
 * The outcome of a promise, unless the signal or the time ends the wait first. What is waited for goes on.
 * @throws {AbortedError} with the signal's reason, or what `timedOut` makes.
 */
export function within<T>(
  clock: Clock,
  promise: Promise<T>,
  { signal, timeoutInMs = Number.POSITIVE_INFINITY }: Wait,
  timedOut: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const aborted = (): Error => new AbortedError('the wait was aborted', { cause: signal?.reason });
    if (signal?.aborted) {
      // Nobody else looks at what is waited for, and its rejection must not be unhandled.
      promise.catch(() => undefined);
      return reject(aborted());
    }
    const onAbort = (): void => finish(() => reject(aborted()));
    const onTimeout = (): void => finish(() => reject(timedOut()));
    const cancelTimer = clock.setTimer(onTimeout, timeoutInMs);
    const finish = (settle: () => void): void => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    promise.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
  });
}

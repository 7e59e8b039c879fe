import type { Clock } from './clock.js';
import type { CallOptions } from './session/call.js';

/** One caller that waits for what its collection has for it later: until that comes, its time is over, or its signal is aborted. */
export class LimitedWait<T> {
  #ended = false;
  #stop: (() => void) | undefined;

  constructor(
    private readonly onGiven: (given: T) => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** The caller has its answer. */
  get ended(): boolean {
    return this.#ended;
  }

  /** @param giveUp called when its time is over, or its signal is aborted: it is to fail the wait */
  limit(
    clock: Clock,
    { signal, timeoutInMs = Number.POSITIVE_INFINITY }: CallOptions,
    giveUp: (what: 'timed-out' | 'aborted', cause: unknown) => void,
  ): void {
    const stopTimer = clock.setTimer(() => giveUp('timed-out', undefined), timeoutInMs);
    const onAbort = (): void => giveUp('aborted', signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#stop = () => {
      stopTimer();
      signal?.removeEventListener('abort', onAbort);
    };
  }

  give(given: T): void {
    if (this.#end()) this.onGiven(given);
  }

  fail(error: unknown): void {
    if (this.#end()) this.onError(error);
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#stop?.();
    return true;
  }
}

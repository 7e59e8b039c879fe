import type { Clock } from '../clock.js';
import type { CommandInit } from '../replicated/command.js';
import type { WaitOptions } from './queue-options.js';
import type { Given } from './queue-results.js';

/** Longer timers are not to be had everywhere. */
const longestTimerInMs = 2 ** 31 - 1;

/** One caller that waits for an item, and where its wait stands. */
export class QueueWait {
  /** Known once the grid has given it a place among those who wait. */
  ticket: number | undefined;
  /** It was handed an item, and has told the grid so; it has the item once the grid agrees. */
  confirming = false;
  /** The caller has its answer. */
  ended = false;
  #stopListening: (() => void) | undefined;
  #stopTimer: (() => void) | undefined;

  constructor(
    readonly command: CommandInit,
    private readonly onGiven: (given: Given) => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  get pops(): boolean {
    return this.command.leaseInMs === undefined;
  }

  limit(clock: Clock, { signal, timeoutInMs }: WaitOptions, giveUp: (what: string, cause: unknown) => void): void {
    if (timeoutInMs !== undefined && timeoutInMs <= longestTimerInMs)
      this.#stopTimer = clock.setTimer(() => giveUp('timed-out', undefined), timeoutInMs);
    if (signal === undefined) return;
    const onAbort = () => giveUp('aborted', signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#stopListening = () => signal.removeEventListener('abort', onAbort);
  }

  give(given: Given): void {
    if (this.#end()) this.onGiven(given);
  }

  fail(error: unknown): void {
    if (this.#end()) this.onError(error);
  }

  #end(): boolean {
    if (this.ended) return false;
    this.ended = true;
    this.#stopListening?.();
    this.#stopTimer?.();
    return true;
  }
}

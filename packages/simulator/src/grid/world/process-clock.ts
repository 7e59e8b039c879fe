import type { Clock } from '@hamok/raft';
import { SkewedClock } from '../../world/clock.js';
import type { EventQueue } from '../../world/event-queue.js';
import { defer } from './turn.js';

/** Timers fire this much late at least, so that time moves on whatever the rounding of clocks does. */
const timerGrain = 0.001;
const epoch = 1_700_000_000_000;

/** The clock of one process: it may run fast or slow and jump, and ends with the process. */
export class ProcessClock implements Clock {
  readonly #skewed: SkewedClock;
  #wallOffset = 0;
  #dead = false;
  #pending = 0;

  constructor(
    readonly queue: EventQueue,
    origin: number,
    /** Runs a callback as the process: later where it pauses. */
    readonly act: (run: () => void) => void,
  ) {
    this.#skewed = new SkewedClock(queue, origin);
  }

  /** Timers that run. */
  get pending(): number {
    return this.#pending;
  }

  now(): number {
    return this.#skewed.now();
  }

  wallTime(): number {
    return epoch + Math.floor(this.queue.now + this.#wallOffset);
  }

  setTimer(callback: () => void, delayInMs: number): () => void {
    if (delayInMs === Number.POSITIVE_INFINITY) return () => undefined;
    let isDue = true;
    const end = (): void => {
      if (isDue) this.#pending--;
      isDue = false;
    };
    this.#pending++;
    const delay = Math.max(0, this.#skewed.delayUntil(this.now() + delayInMs)) + timerGrain;
    this.queue.after(delay, () => {
      if (!isDue || this.#dead) return;
      this.act(() => {
        // It may have been cancelled while the process paused.
        if (!isDue) return;
        end();
        callback();
      });
    });
    return end;
  }

  defer(callback: () => void): void {
    defer(() => {
      if (!this.#dead) callback();
    });
  }

  setRate(rate: number): void {
    this.#skewed.setRate(rate);
  }

  /** Moves the monotonic clock: what a suspended host shows when it goes on. */
  jump(byMs: number): void {
    this.#skewed.jump(byMs);
  }

  /** Moves the wall clock, forward or back: an operator, or a time server, set it. */
  jumpWall(byMs: number): void {
    this.#wallOffset += byMs;
  }

  /** No callback, ever again. */
  kill(): void {
    this.#dead = true;
  }
}

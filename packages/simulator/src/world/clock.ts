import type { EventQueue } from './event-queue.js';

/** A member's own monotonic clock: it may run fast or slow, and jump. Its origin means nothing. */
export class SkewedClock {
  #rate = 1;
  #worldThen = 0;
  #localThen: number;

  constructor(
    readonly queue: EventQueue,
    origin: number,
  ) {
    this.#localThen = origin;
  }

  /** The latest reading that its owner was told of, who does not go back when the clock does. */
  latest = Number.NEGATIVE_INFINITY;

  now(): number {
    return this.#localThen + (this.queue.now - this.#worldThen) * this.#rate;
  }

  /** Tells its owner, in this life of it. */
  tell(): number {
    const now = this.now();
    if (now > this.latest) this.latest = now;
    return now;
  }

  /** Its owner forgot what it was told. */
  forget(): void {
    this.latest = Number.NEGATIVE_INFINITY;
  }

  /** How long the world waits until this clock shows `local`. */
  delayUntil(local: number): number {
    return (local - this.now()) / this.#rate;
  }

  setRate(rate: number): void {
    this.#localThen = this.now();
    this.#worldThen = this.queue.now;
    this.#rate = rate;
  }

  jump(byMs: number): void {
    this.#localThen += byMs;
  }
}

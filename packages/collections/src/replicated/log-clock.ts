import type { Clock } from '../clock.js';

/** Log time as this member knows it: the stamp of the last entry applied here, and what has passed here since. */
export class LogClock {
  #stamp = 0;
  #seenAt: number;

  constructor(private readonly clock: Clock) {
    this.#seenAt = clock.now();
  }

  /** An entry was applied, or a snapshot taken over, with that stamp. */
  seen(stamp: number): void {
    this.#stamp = stamp;
    this.#seenAt = this.clock.now();
  }

  /** An estimate in ms that is never ahead of the leader's: an entry is seen here after it got its stamp. */
  now(): number {
    return this.#stamp + (this.clock.now() - this.#seenAt);
  }
}

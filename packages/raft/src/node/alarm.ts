import type { Clock } from '../ports/clock.js';

/** One timer for a deadline that often moves: where it moves away, the timer stays, and goes off early rather than being set anew. */
export class Alarm {
  #at = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Rings at that time at the latest, by a clock that shows `now`. */
  set(at: number, now: number): void {
    if (this.#cancel && this.#at <= at && this.#at > now) return;
    this.#cancel?.();
    this.#at = at;
    this.#cancel = this.clock.setTimer(
      () => {
        this.#cancel = undefined;
        this.ring();
      },
      Math.max(0, at - now),
    );
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

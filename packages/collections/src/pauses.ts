import type { Clock } from './clock.js';

/** Waits that end at their time, or all at once; for good, where none begins any more. */
export class Pauses {
  readonly #ends = new Set<() => void>();
  #isOver = false;

  constructor(private readonly clock: Clock) {}

  pause(delayInMs: number): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        this.#ends.delete(end);
        cancel();
        resolve();
      };
      const cancel = this.clock.setTimer(end, delayInMs);
      this.#ends.add(end);
    });
  }

  endAll(): void {
    for (const end of [...this.#ends]) end();
  }

  endForGood(): void {
    this.#isOver = true;
    this.endAll();
  }
}

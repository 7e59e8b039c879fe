import type { Clock } from '../clock.js';

/** Waits that end at their time, or all at once. */
export class Pauses {
  readonly #ends = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  pause(delayInMs: number): Promise<void> {
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
}

import type { Clock } from '../../src/index.js';

/** A process's own view of time, which stops while the process is paused: what fell due meanwhile happens when it goes on. */
export class PausableClock implements Clock {
  #paused = false;
  readonly #overdue: (() => void)[] = [];

  constructor(private readonly clock: Clock) {}

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    for (const callback of this.#overdue.splice(0)) callback();
  }

  /** Runs it now, or when the process goes on. */
  run(callback: () => void): void {
    if (this.#paused) this.#overdue.push(callback);
    else callback();
  }

  now(): number {
    return this.clock.now();
  }

  wallTime(): number {
    return this.clock.wallTime();
  }

  setTimer(callback: () => void, delayInMs: number): () => void {
    let cancelled = false;
    const cancel = this.clock.setTimer(() => {
      this.run(() => {
        if (!cancelled) callback();
      });
    }, delayInMs);
    return () => {
      cancelled = true;
      cancel();
    };
  }

  defer(callback: () => void): void {
    this.clock.defer(() => this.run(callback));
  }
}

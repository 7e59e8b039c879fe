import type { Clock } from '../../src/index.js';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that passes only when a test says so. Promises settle between any two timers. */
export class VirtualClock implements Clock {
  #now = 0;
  /** The most that was spent between two timers. */
  longestTurnInMs = 0;
  #turnInMs = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.#now;
  }

  setTimer(callback: () => void, delayInMs: number): () => void {
    const timer = { at: this.#now + Math.max(0, delayInMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Work that takes time: whatever is due meanwhile comes late. */
  spend(durationInMs: number): void {
    this.#now += durationInMs;
    this.#turnInMs += durationInMs;
    this.longestTurnInMs = Math.max(this.longestTurnInMs, this.#turnInMs);
  }

  defer(callback: () => void): void {
    queueMicrotask(callback);
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  async advance(durationInMs: number): Promise<void> {
    const end = this.#now + durationInMs;
    await this.runUntil(() => false, durationInMs);
    this.#now = end;
  }

  /** Lets time pass until a condition holds; false if it did not within the limit. */
  async runUntil(condition: () => boolean, limitInMs: number): Promise<boolean> {
    const end = this.#now + limitInMs;
    await settled();
    while (!condition()) {
      const next = this.#next();
      if (!next || next.at > end) return false;
      this.#timers.delete(next);
      this.#turnInMs = 0;
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settled();
    }
    return true;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }
}

/** All microtasks have run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

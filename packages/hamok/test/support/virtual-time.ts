import type { Clock } from '@hamok/raft';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that runs as fast as the process does: whenever nothing else is left to do, it is the time of the next timer. */
export class VirtualTime implements Clock {
  #now = 0;
  #order = 0;
  #running = true;
  readonly #timers = new Set<Timer>();

  constructor() {
    void this.#run();
  }

  /** Timers that are set: 0 after everything was closed. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.#now;
  }

  setTimer(callback: () => void, delayInMs: number): () => void {
    if (delayInMs === Number.POSITIVE_INFINITY) return () => undefined;
    const timer = { at: this.#now + Math.max(0, delayInMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  defer(callback: () => void): void {
    queueMicrotask(callback);
  }

  /** Resolves after so much virtual time. */
  pass(durationInMs: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(resolve, durationInMs));
  }

  async until(condition: () => boolean, limitInMs = 30_000): Promise<void> {
    const end = this.#now + limitInMs;
    while (!condition()) {
      if (this.#now > end) throw new Error(`not so after ${limitInMs} ms: ${condition}`);
      await this.pass(1);
    }
  }

  stop(): void {
    this.#running = false;
  }

  async #run(): Promise<void> {
    while (this.#running) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#next();
      if (next === undefined) continue;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers)
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    return next;
  }
}

/** A repeatable source of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

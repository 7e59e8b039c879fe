interface Event {
  readonly time: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** Virtual time: events run in order of time, and of scheduling where times are equal. A binary heap. */
export class EventQueue {
  readonly #heap: Event[] = [];
  #sequence = 0;
  #now = 0;

  /** Virtual time in ms. */
  get now(): number {
    return this.#now;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Schedules `run` after `delay` ms. */
  after(delay: number, run: () => void): void {
    const event: Event = { time: this.#now + Math.max(0, delay), sequence: this.#sequence++, run };
    let at = this.#heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) break;
      at = parent;
    }
  }

  /** Runs the next event if it is due by `until`, else moves time there. Returns whether one ran. */
  runNext(until: number): boolean {
    const first = this.#heap[0];
    if (!first || first.time > until) {
      this.#now = Math.max(this.#now, until);
      return false;
    }
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink();
    }
    this.#now = first.time;
    first.run();
    return true;
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = this.#isEarlier(right, left) ? right : left;
      if (!this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #isEarlier(i: number, j: number): boolean {
    const a = this.#heap[i];
    const b = this.#heap[j];
    if (!a || !b) return false;
    return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
  }

  #swapIfEarlier(i: number, j: number): boolean {
    if (!this.#isEarlier(i, j)) return false;
    const a = this.#heap[i];
    const b = this.#heap[j];
    if (!a || !b) return false;
    this.#heap[i] = b;
    this.#heap[j] = a;
    return true;
  }
}

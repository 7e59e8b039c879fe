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
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isEarlier(event, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = event;
  }

  /** Runs the next event if it is due by `until`, else moves time there. Returns whether one ran. */
  runNext(until: number): boolean {
    const first = this.#heap[0];
    if (!first || first.time > until) {
      this.#now = Math.max(this.#now, until);
      return false;
    }
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) this.#sink(last);
    this.#now = first.time;
    first.run();
    return true;
  }

  /** Puts an event in the place of the first, and lets it sink to where it belongs. */
  #sink(event: Event): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      if (!child) break;
      const other = heap[below + 1];
      if (other && isEarlier(other, child)) {
        below++;
        child = other;
      }
      if (!isEarlier(child, event)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = event;
  }
}

function isEarlier(a: Event, b: Event): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}

import { Deadlines, type Timed } from '../replicated/deadlines.js';
import { precedes, type QueueItem } from './queue-item.js';

class DelayedItem implements Timed {
  deadline = Number.POSITIVE_INFINITY;
  place = -1;

  constructor(
    readonly item: QueueItem,
    /** From when on it can be taken, in ms of log time. */
    readonly from: number,
  ) {}
}

/** The items that cannot be taken yet. */
export class DelayedItems {
  readonly #items = new Set<DelayedItem>();
  readonly #deadlines = new Deadlines<DelayedItem>((a, b) => precedes(a.item, b.item));

  get size(): number {
    return this.#items.size;
  }

  get earliest(): number {
    return this.#deadlines.earliest;
  }

  add(item: QueueItem, deadline: number): void {
    const delayed = new DelayedItem(item, deadline);
    this.#items.add(delayed);
    this.#deadlines.set(delayed, deadline);
  }

  /** Takes out the first item that is due at that time. */
  take(time: number): QueueItem | undefined {
    const delayed = this.#deadlines.due(time);
    if (delayed === undefined) return undefined;
    this.#items.delete(delayed);
    this.#deadlines.delete(delayed);
    return delayed.item;
  }

  clear(): void {
    this.#items.clear();
    this.#deadlines.clear();
  }

  /** A copy, in the order in which they were added. */
  toArray(): DelayedItem[] {
    return Array.from(this.#items);
  }
}

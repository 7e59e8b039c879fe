import { Fifo } from '../fifo.js';
import { Heap } from './heap.js';
import { precedes, type QueueItem } from './queue-item.js';

/** The items that can be taken, in the order of their positions. Taking the first and adding one behind the last costs O(1). */
export class ReadyItems {
  /** In the order in which they were pushed. */
  readonly #pushed = new Fifo<QueueItem>();
  /** Those that were away: held by someone, or delayed. */
  readonly #returned = new Heap<QueueItem>(precedes);

  get length(): number {
    return this.#pushed.length + this.#returned.length;
  }

  peek(): QueueItem | undefined {
    const pushed = this.#pushed.at(0);
    const returned = this.#returned.peek();
    return pushed === undefined || (returned !== undefined && precedes(returned, pushed)) ? returned : pushed;
  }

  shift(): QueueItem | undefined {
    if (this.#returned.length === 0) return this.#pushed.shift();
    const first = this.peek();
    return first === this.#returned.peek() ? this.#returned.shift() : this.#pushed.shift();
  }

  /** Adds an item behind all others. */
  push(item: QueueItem): void {
    this.#pushed.push(item);
  }

  /** Adds an item in its place. */
  putBack(item: QueueItem): void {
    this.#returned.push(item);
  }

  clear(): void {
    this.#pushed.drain();
    this.#returned.clear();
  }

  /** What is in it now, in order: copied at once, put in order while it is iterated. */
  cut(): Iterable<QueueItem> & { readonly length: number } {
    const pushed = this.#pushed.toArray();
    const returned = this.#returned.copy();
    return { length: this.length, [Symbol.iterator]: () => merged(returned, pushed) };
  }

  /** A copy, in order. */
  toArray(): QueueItem[] {
    return [...this.cut()];
  }
}

/** Takes everything out of the heap. */
function* merged(heap: Heap<QueueItem>, list: readonly QueueItem[]): Generator<QueueItem> {
  for (const item of list) {
    for (let first = heap.peek(); first !== undefined && precedes(first, item); first = heap.peek()) {
      heap.shift();
      yield first;
    }
    yield item;
  }
  for (let first = heap.shift(); first !== undefined; first = heap.shift()) yield first;
}

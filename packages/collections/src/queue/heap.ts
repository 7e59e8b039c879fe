/** A binary heap: what precedes everything else comes out first. */
export class Heap<T> {
  readonly #items: T[] = [];

  /** @param precedes a total order of different items */
  constructor(private readonly precedes: (a: T, b: T) => boolean) {}

  get length(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || !this.precedes(item, parent)) break;
      this.#items[at] = parent;
      at = above;
    }
    this.#items[at] = item;
  }

  shift(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return first;
  }

  clear(): void {
    this.#items.length = 0;
  }

  copy(): Heap<T> {
    const copy = new Heap(this.precedes);
    for (const item of this.#items) copy.#items.push(item);
    return copy;
  }

  #sink(item: T): void {
    let at = 0;
    for (;;) {
      const left = this.#items[2 * at + 1];
      const right = this.#items[2 * at + 2];
      const rightFirst = left !== undefined && right !== undefined && this.precedes(right, left);
      const child = rightFirst ? right : left;
      if (child === undefined || !this.precedes(child, item)) break;
      this.#items[at] = child;
      at = 2 * at + (rightFirst ? 2 : 1);
    }
    this.#items[at] = item;
  }
}

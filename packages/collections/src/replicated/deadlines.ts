/** Something that becomes due in log time. Its two fields are set by the `Deadlines` that holds it, and by nothing else. */
export interface Timed {
  /** Log time in ms; `Infinity` while it is in no `Deadlines`. */
  deadline: number;
  /** Its place there; -1 while it is in none. */
  place: number;
}

/**
 * What becomes due, the earliest first: a binary heap whose items know their place, so that each is moved or taken out in
 * O(log n). The order depends on the items alone and not on how they came in, so that it survives a restore.
 */
export class Deadlines<T extends Timed> {
  readonly #heap: T[] = [];

  /** @param precedes whether the first of two different items that become due at one time comes first: a total order, of replicated state alone */
  constructor(private readonly precedes: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest deadline, in ms of log time; `Infinity` when nothing is to come. */
  get earliest(): number {
    return this.#heap[0]?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** Puts an item in, or moves it to another deadline. */
  set(item: T, deadline: number): void {
    const before = item.deadline;
    item.deadline = deadline;
    if (item.place < 0) this.#rise(item, this.#heap.push(item) - 1);
    else if (deadline < before) this.#rise(item, item.place);
    else this.#sink(item, item.place);
  }

  /** Takes an item out. Harmless for one that is not in. */
  delete(item: T): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    item.deadline = Number.POSITIVE_INFINITY;
    const last = this.#heap.pop();
    if (last === undefined || last === item) return;
    this.#rise(last, place);
    this.#sink(last, last.place);
  }

  /** The first item, if it is due at that log time. It stays in. */
  due(time: number): T | undefined {
    const [first] = this.#heap;
    return first !== undefined && first.deadline <= time ? first : undefined;
  }

  /** Takes everything out. */
  clear(): void {
    for (const item of this.#heap) {
      item.place = -1;
      item.deadline = Number.POSITIVE_INFINITY;
    }
    this.#heap.length = 0;
  }

  #rise(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(item, place);
  }

  #sink(item: T, from: number): void {
    let place = from;
    for (;;) {
      const child = this.#earlierChild(place);
      if (child === undefined || !this.#isBefore(child, item)) break;
      const next = child.place;
      this.#put(child, place);
      place = next;
    }
    this.#put(item, place);
  }

  #earlierChild(place: number): T | undefined {
    const left = this.#heap[2 * place + 1];
    const right = this.#heap[2 * place + 2];
    return left !== undefined && right !== undefined && this.#isBefore(right, left) ? right : left;
  }

  #put(item: T, place: number): void {
    this.#heap[place] = item;
    item.place = place;
  }

  #isBefore(a: T, b: T): boolean {
    return a.deadline < b.deadline || (a.deadline === b.deadline && this.precedes(a, b));
  }
}

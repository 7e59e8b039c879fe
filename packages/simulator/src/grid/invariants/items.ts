import { Violation } from '../../invariants/invariant.js';

/** Accounts for the items of a queue, each of which is like no other. */
export class Items {
  readonly #pushed = new Set<string>();
  readonly #never = new Set<string>();
  readonly #taken = new Map<string, string>();

  constructor(readonly invariant: string) {}

  /** The push was acknowledged. */
  pushed(items: readonly string[]): void {
    for (const item of items) this.#pushed.add(item);
  }

  /** It was said for certain that they were not pushed. */
  neverPushed(items: readonly string[]): void {
    for (const item of items) this.#never.add(item);
  }

  /** Somebody has it for good. */
  taken(item: string, by: string): void {
    const first = this.#taken.get(item);
    if (first !== undefined) throw new Violation(this.invariant, `${item} went to ${first} and to ${by}`);
    if (this.#never.has(item)) throw new Violation(this.invariant, `${by} got ${item}, which was certainly not pushed`);
    this.#taken.set(item, by);
  }

  /** @param open how many more may be gone, without that anybody knows */
  account(left: readonly string[], open: number): void {
    for (const item of left) this.taken(item, 'the queue at the end');
    const lost = [...this.#pushed].filter((item) => !this.#taken.has(item));
    if (lost.length > open)
      throw new Violation(this.invariant, `lost ${lost.join(' ')}, and only ${open} may have been taken unseen`);
  }
}

import { Deadlines, type Timed } from '../replicated/deadlines.js';

class Remembered implements Timed {
  deadline = Number.POSITIVE_INFINITY;
  place = -1;

  constructor(
    readonly dedupId: string,
    /** In ms of log time. */
    readonly until: number,
  ) {}
}

/** The ids of pushes that were made, each for a while. */
export class DedupMemory {
  readonly #byId = new Map<string, Remembered>();
  readonly #deadlines = new Deadlines<Remembered>((a, b) => a.dedupId < b.dedupId);

  get earliest(): number {
    return this.#deadlines.earliest;
  }

  has(dedupId: string): boolean {
    return this.#byId.has(dedupId);
  }

  add(dedupId: string, deadline: number): void {
    const remembered = new Remembered(dedupId, deadline);
    this.#byId.set(dedupId, remembered);
    this.#deadlines.set(remembered, deadline);
  }

  /** Forgets the first one that is due at that time. */
  forgetOne(time: number): void {
    const remembered = this.#deadlines.due(time);
    if (remembered === undefined) return;
    this.#byId.delete(remembered.dedupId);
    this.#deadlines.delete(remembered);
  }

  /** A copy, in the order in which they were added. */
  toArray(): Remembered[] {
    return Array.from(this.#byId.values());
  }
}

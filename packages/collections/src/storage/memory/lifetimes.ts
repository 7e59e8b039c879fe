import type { Clock } from '../../clock.js';
import { Deadlines, type Timed } from '../../replicated/deadlines.js';

/** How long one entry is kept. */
export class Lifetime<E> implements Timed {
  deadline: number = Number.POSITIVE_INFINITY;
  place = -1;
  /** Until when it is kept however often it is read. */
  longest: number = Number.POSITIVE_INFINITY;
  /** Counts the writes: of entries that end at one time, the one that was written first ends first. */
  turn = 0;

  constructor(readonly entry: E) {}
}

/** Many that end at one time are spread over turns of the event loop, so that nothing else waits for all of them. */
const endedInOneTurn = 1024;

/** When the entries of a storage end. One timer, for the earliest; none while there is nothing to end. */
export class Lifetimes<E> {
  readonly #deadlines = new Deadlines<Lifetime<E>>((a, b) => a.turn < b.turn);
  #turns = 0;
  #cancel: (() => void) | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;

  /**
   * @param afterWriteInMs `Infinity` for never
   * @param afterAccessInMs `Infinity` for never
   * @param end takes out an entry whose time ran out, which it tells by `ended`
   */
  constructor(
    private readonly clock: Clock,
    private readonly afterWriteInMs: number,
    private readonly afterAccessInMs: number,
    private readonly end: (entry: E) => void,
  ) {}

  /** Whether its time ran out, even if its turn to be ended has not come. */
  isDue(life: Lifetime<E>): boolean {
    return life.deadline <= this.clock.now();
  }

  endIfDue(life: Lifetime<E>): void {
    if (this.isDue(life)) this.end(life.entry);
  }

  written(life: Lifetime<E>): void {
    const now = this.clock.now();
    life.longest = now + this.afterWriteInMs;
    life.turn = ++this.#turns;
    this.#deadlines.set(life, Math.min(life.longest, now + this.afterAccessInMs));
    this.#arm(now);
  }

  read(life: Lifetime<E>): void {
    if (this.afterAccessInMs < Number.POSITIVE_INFINITY)
      this.#deadlines.set(life, Math.min(life.longest, this.clock.now() + this.afterAccessInMs));
  }

  ended(life: Lifetime<E>): void {
    this.#deadlines.delete(life);
    if (this.#deadlines.size === 0) this.#sleep();
  }

  /** Ends whatever is due. */
  endAllDue(): void {
    this.#endDue(Number.POSITIVE_INFINITY);
  }

  clear(): void {
    this.#deadlines.clear();
    this.#sleep();
  }

  #endDue(atMost: number): void {
    const now = this.clock.now();
    for (let count = 0; count < atMost; count++) {
      const due = this.#deadlines.due(now);
      if (due === undefined) return;
      this.end(due.entry);
    }
  }

  /** A timer that comes too early, because entries were read or taken out meanwhile, is set again. */
  #arm(now: number): void {
    const { earliest } = this.#deadlines;
    if (earliest >= this.#wakesAt) return;
    this.#cancel?.();
    this.#wakesAt = earliest;
    this.#cancel = this.clock.setTimer(() => this.#wake(), Math.max(0, earliest - now));
  }

  #wake(): void {
    this.#cancel = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.#endDue(endedInOneTurn);
    this.#arm(this.clock.now());
  }

  #sleep(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }
}

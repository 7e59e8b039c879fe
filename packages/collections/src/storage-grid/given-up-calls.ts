import type { Clock } from '../clock.js';
import type { Participant } from './view.js';

/** Counting takes a while where there are very many. */
const countedEveryMs = 1000;

/**
 * Calls whose callers wait no more, and that are not carried out to the end: what they asked for may still be made. They end when the
 * members answer that are silent, or are removed. So there may be many because of one of those, and calls that need it not go on.
 */
export class GivenUpCalls {
  readonly #stuckWith = new Set<() => Iterable<Participant>>();
  #becauseOf: ReadonlyMap<Participant, number> = new Map();
  #becauseOfNobody = 0;
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    /** Fewer do not matter. */
    private readonly few: number,
  ) {}

  /** Whether there are so many that it matters because of whom. */
  get areMany(): boolean {
    return this.#stuckWith.size >= this.few;
  }

  /** Those of which it is not known that somebody silent is the reason. */
  get becauseOfNobody(): number {
    return this.#count() ? this.#becauseOfNobody : 0;
  }

  /** @param stuckWith because of whom it is not carried out, as far as that is known then */
  add(running: Promise<unknown>, stuckWith: () => Iterable<Participant>): void {
    const call = (): Iterable<Participant> => stuckWith();
    const end = (): void => void this.#stuckWith.delete(call);
    this.#stuckWith.add(call);
    running.then(end, end);
  }

  becauseOf(participant: Participant): number {
    return this.#count() ? (this.#becauseOf.get(participant) ?? 0) : 0;
  }

  /** Anew, where that was not done just now. False where there are few. */
  #count(): boolean {
    if (!this.areMany) return false;
    const now = this.clock.now();
    if (now - this.#countedAt < countedEveryMs) return true;
    this.#countedAt = now;
    this.#becauseOfNobody = 0;
    const counts = new Map<Participant, number>();
    for (const stuckWith of this.#stuckWith) {
      let isBecauseOfNobody = true;
      for (const one of stuckWith()) {
        isBecauseOfNobody = false;
        counts.set(one, (counts.get(one) ?? 0) + 1);
      }
      if (isBecauseOfNobody) this.#becauseOfNobody++;
    }
    this.#becauseOf = counts;
    return true;
  }
}

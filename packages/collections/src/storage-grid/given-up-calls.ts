import type { Clock } from '../clock.js';
import type { Participant } from './view.js';

interface GivenUpCall {
  /** Because of whom it is not carried out, as far as that is known now. */
  readonly stuckWith: () => Iterable<Participant>;
  becauseOf: readonly Participant[];
}

/** Looking at very many takes a while. */
const lookedAtEveryMs = 1000;

/**
 * Calls whose callers wait no more, and that are not carried out to the end: what they asked for may still be made. They end when the
 * members answer that are silent, or are removed. So there may be many because of one of those, and calls that need it not go on.
 */
export class GivenUpCalls {
  readonly #counts = new Map<Participant, number>();
  readonly #becauseOfNobody = new Set<GivenUpCall>();
  #size = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  /** How many there are of which nobody is known to be the reason. */
  get becauseOfNobody(): number {
    return this.#becauseOfNobody.size;
  }

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  becauseOf(participant: Participant): number {
    return this.#counts.get(participant) ?? 0;
  }

  /** @param stuckWith because of whom it is not carried out, as far as that is known when it is called */
  add(running: Promise<unknown>, stuckWith: () => Iterable<Participant>): void {
    const call = { stuckWith, becauseOf: [] };
    const end = (): void => this.#end(call);
    this.#size++;
    this.#becauseOfNobody.add(call);
    this.#lookAt(call);
    running.then(end, end);
  }

  /** Whether the reason is known by now of those of which it was not, where that was not looked at just now. */
  lookAgain(): void {
    const now = this.clock.now();
    if (now - this.#lookedAt < lookedAtEveryMs) return;
    this.#lookedAt = now;
    for (const call of [...this.#becauseOfNobody]) this.#lookAt(call);
  }

  #lookAt(call: GivenUpCall): void {
    call.becauseOf = [...call.stuckWith()];
    if (call.becauseOf.length === 0) return;
    this.#becauseOfNobody.delete(call);
    for (const one of call.becauseOf) this.#counts.set(one, this.becauseOf(one) + 1);
  }

  #end(call: GivenUpCall): void {
    this.#size--;
    this.#becauseOfNobody.delete(call);
    for (const one of call.becauseOf) {
      const left = this.becauseOf(one) - 1;
      if (left > 0) this.#counts.set(one, left);
      else this.#counts.delete(one);
    }
  }
}

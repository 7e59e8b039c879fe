/** Tells when a call is over, whether or not it is carried out. */
export interface CallEnding {
  whenOver(callback: () => void): void;
}

/** The turn of one call, until it is over. */
class Turn {
  #waiting: (() => void)[] | undefined = [];

  constructor(private readonly ended: (turn: Turn) => void) {}

  whenEnded(callback: () => void): void {
    if (this.#waiting === undefined) callback();
    else this.#waiting.push(callback);
  }

  end(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.ended(this);
    for (const callback of waiting) callback();
  }
}

/**
 * Calls in the order in which they were made, where they have to do with the same key: others run beside each other. Nobody waits for
 * a call that is over because its caller stopped waiting, though it may still be carried out.
 */
export class CallOrder {
  /** The last call for each key that has one. */
  readonly #last = new Map<string, Turn>();
  readonly #running = new Set<Turn>();
  #underWay = 0;
  /** The last call that has to do with all keys. */
  #barrier: Turn | undefined;

  /** Calls that are not carried out to the end, whether or not somebody waits for them. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Whether a call made now for these keys would not wait. */
  isFree(slots: readonly string[]): boolean {
    return this.#barrier === undefined && !slots.some((slot) => this.#last.has(slot));
  }

  /** Runs a call when those before it, for the same keys or for all, have ended. */
  run<T>(slots: readonly string[], ending: CallEnding | undefined, call: () => Promise<T>): Promise<T> {
    const turn = new Turn(() => {
      this.#running.delete(turn);
      for (const slot of slots) if (this.#last.get(slot) === turn) this.#last.delete(slot);
    });
    let before: Set<Turn> | undefined = this.#barrier && new Set([this.#barrier]);
    for (const slot of slots) {
      const last = this.#last.get(slot);
      if (last !== undefined) before = (before ?? new Set()).add(last);
      this.#last.set(slot, turn);
    }
    return this.#begin(turn, before, ending, call);
  }

  /** Runs a call when all before it have ended, and before all later ones. */
  runAlone<T>(ending: CallEnding | undefined, call: () => Promise<T>): Promise<T> {
    const turn = new Turn(() => {
      this.#running.delete(turn);
      if (this.#barrier === turn) this.#barrier = undefined;
    });
    this.#barrier = turn;
    return this.#begin(turn, this.#running.size === 0 ? undefined : new Set(this.#running), ending, call);
  }

  #begin<T>(
    turn: Turn,
    before: ReadonlySet<Turn> | undefined,
    ending: CallEnding | undefined,
    call: () => Promise<T>,
  ): Promise<T> {
    this.#running.add(turn);
    this.#underWay++;
    const result = before === undefined ? call() : allEnded(before).then(call);
    const carriedOut = (): void => {
      this.#underWay--;
      turn.end();
    };
    result.then(carriedOut, carriedOut);
    ending?.whenOver(() => turn.end());
    return result;
  }
}

function allEnded(turns: ReadonlySet<Turn>): Promise<void> {
  return new Promise((resolve) => {
    let left = turns.size;
    const ended = (): void => {
      if (--left === 0) resolve();
    };
    for (const turn of turns) turn.whenEnded(ended);
  });
}

/** Tells when a call is over, whether or not it is carried out. */
export interface CallEnding {
  whenOver(callback: () => void): void;
}

/** A claim is a change that may make its member the holder of a key. */
export type CallKind = 'read' | 'change' | 'claim';

/** What later calls wait for. */
class Turn {
  constructor(readonly kind: CallKind) {}

  #ended = false;
  #waiting: (() => void)[] | undefined;

  whenEnded(callback: () => void): void {
    if (this.#ended) return callback();
    this.#waiting ??= [];
    this.#waiting.push(callback);
  }

  /** False when it had ended. */
  end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    for (const callback of this.#waiting ?? []) callback();
    return true;
  }
}

/**
 * Calls in the order in which they were made, where they have to do with the same key: others run beside each other. Nobody waits for
 * a call that is over because its caller stopped waiting, though it may still be carried out; but for a claim, which waits until the
 * claims of its keys before it are carried out to the end.
 */
export class CallOrder {
  /** The last call for each key that has one. */
  readonly #last = new Map<string, Turn>();
  readonly #claims = new Map<string, Turn>();
  readonly #running = new Set<Turn>();
  /** The last call that has to do with all keys. */
  #barrier: Turn | undefined;

  /** Whether a call made now for these keys would not wait. */
  isFree(slots: readonly string[]): boolean {
    return this.#barrier === undefined && !slots.some((slot) => this.#last.has(slot));
  }

  /** Runs a call when those before it, for the same keys or for all, have ended. */
  run<T>(
    slots: readonly string[],
    ending: CallEnding | undefined,
    call: () => Promise<T>,
    kind: CallKind = 'change',
  ): Promise<T> {
    const before = new Before(this.#barrier);
    const turn = new Turn(kind);
    this.#running.add(turn);
    for (const slot of slots) before.add(replace(this.#last, slot, turn));
    const over = (): void => {
      if (!turn.end()) return;
      this.#running.delete(turn);
      for (const slot of slots) remove(this.#last, slot, turn);
    };
    if (kind !== 'claim') return this.#begin(before, ending, call, over, over);
    const claim = new Turn(kind);
    const claims = new Before(undefined);
    for (const slot of slots) claims.add(replace(this.#claims, slot, claim));
    const carriedOut = (): void => {
      over();
      claim.end();
      for (const slot of slots) remove(this.#claims, slot, claim);
    };
    return this.#begin(before, ending, call, over, carriedOut, claims.ended());
  }

  /** Runs a call when all before it have ended, and before all later ones. */
  runAlone<T>(ending: CallEnding | undefined, call: () => Promise<T>): Promise<T> {
    const before = new Before(this.#barrier);
    for (const running of this.#running) before.add(running);
    const turn = new Turn('change');
    this.#barrier = turn;
    const over = (): void => {
      turn.end();
      if (this.#barrier === turn) this.#barrier = undefined;
    };
    return this.#begin(before, ending, call, over, over);
  }

  /**
   * Runs a read when the changes before it have ended, those with these keys or all. No later call waits for it: so it may see later
   * changes.
   */
  runAfterChanges<T>(
    slots: readonly string[] | undefined,
    ending: CallEnding | undefined,
    read: () => Promise<T>,
  ): Promise<T> {
    const before = new Before(this.#barrier);
    if (slots === undefined) {
      for (const running of this.#running) if (running.kind !== 'read') before.add(running);
    } else {
      for (const slot of slots) before.add(this.#last.get(slot));
    }
    const over = (): void => undefined;
    return this.#begin(before, ending, read, over, over);
  }

  #begin<T>(
    before: Before,
    ending: CallEnding | undefined,
    call: () => Promise<T>,
    over: () => void,
    carriedOut: () => void,
    claimed?: Promise<void>,
  ): Promise<T> {
    const turn = before.ended();
    const ready = turn?.then(() => claimed) ?? claimed;
    const result = ready?.then(call) ?? call();
    result.then(carriedOut, carriedOut);
    // Those behind it wait for those before it nevertheless.
    ending?.whenOver(() => (turn === undefined ? over() : void turn.then(over)));
    return result;
  }
}

/** The turns that a call has to wait for. */
class Before {
  #turns: Set<Turn> | undefined;

  constructor(first: Turn | undefined) {
    this.add(first);
  }

  add(turn: Turn | undefined): void {
    if (turn === undefined) return;
    this.#turns ??= new Set();
    this.#turns.add(turn);
  }

  /** Undefined where there are none. */
  ended(): Promise<void> | undefined {
    const turns = this.#turns;
    return (
      turns &&
      new Promise((resolve) => {
        let left = turns.size;
        const ended = (): void => {
          if (--left === 0) resolve();
        };
        for (const turn of turns) turn.whenEnded(ended);
      })
    );
  }
}

function replace(turns: Map<string, Turn>, slot: string, turn: Turn): Turn | undefined {
  const before = turns.get(slot);
  turns.set(slot, turn);
  return before;
}

function remove(turns: Map<string, Turn>, slot: string, turn: Turn): void {
  if (turns.get(slot) === turn) turns.delete(slot);
}

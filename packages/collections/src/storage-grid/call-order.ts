/**
 * Calls in the order in which they were made, where they have to do with the same key: others run beside each other. Nobody waits for
 * a call that is over because its caller stopped waiting, though it may still be carried out.
 */
export class CallOrder {
  /** The last call for each key that has one. */
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #running = new Set<Promise<unknown>>();
  #underWay = 0;
  /** The last call that has to do with all keys. */
  #barrier: Promise<unknown> | undefined;

  /** Calls that are not carried out to the end, whether or not somebody waits for them. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Whether a call made now for the key would not wait. */
  isFree(slot: string): boolean {
    return this.#barrier === undefined && !this.#last.has(slot);
  }

  /** Runs a call when those before it, for the same keys or for all, have ended. */
  run<T>(slots: readonly string[], over: Promise<void> | undefined, call: () => Promise<T>): Promise<T> {
    const before = new Set<Promise<unknown>>();
    if (this.#barrier !== undefined) before.add(this.#barrier);
    for (const slot of slots) {
      const last = this.#last.get(slot);
      if (last !== undefined) before.add(last);
    }
    const { result, ended } = this.#begin([...before], over, call);
    for (const slot of slots) this.#last.set(slot, ended);
    void ended.then(() => {
      for (const slot of slots) if (this.#last.get(slot) === ended) this.#last.delete(slot);
    });
    return result;
  }

  /** Runs a call when all before it have ended, and before all later ones. */
  runAlone<T>(over: Promise<void> | undefined, call: () => Promise<T>): Promise<T> {
    const { result, ended } = this.#begin([...this.#running], over, call);
    this.#barrier = ended;
    void ended.then(() => {
      if (this.#barrier === ended) this.#barrier = undefined;
    });
    return result;
  }

  #begin<T>(
    before: readonly Promise<unknown>[],
    over: Promise<void> | undefined,
    call: () => Promise<T>,
  ): { result: Promise<T>; ended: Promise<unknown> } {
    const result = before.length === 0 ? call() : Promise.all(before).then(call);
    this.#underWay++;
    const carriedOut = (): void => void this.#underWay--;
    const settled = result.then(carriedOut, carriedOut);
    const ended: Promise<unknown> = (over === undefined ? settled : Promise.race([settled, over])).finally(() =>
      this.#running.delete(ended),
    );
    this.#running.add(ended);
    return { result, ended };
  }
}

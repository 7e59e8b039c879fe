export interface FindOptions {
  /** The position of the first line to look at. Default: 0. */
  readonly from?: number;
  /** Which of the matches is meant. Default: 1, the first. */
  readonly times?: number;
}

interface Waiter {
  check(): void;
  reject(error: Error): void;
}

/** The lines that a process has printed, and who waits for one. Lines are kept, so nobody can ask for one too late. */
export class Transcript {
  readonly #lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  #failure: Error | undefined;

  get lines(): readonly string[] {
    return this.#lines;
  }

  add(line: string): void {
    this.#lines.push(line);
    for (const waiter of [...this.#waiters]) waiter.check();
  }

  /** Resolves with the so many-th match in the lines from a position on. Rejects once no more lines are to be waited for. */
  find(pattern: RegExp, { from = 0, times = 1 }: FindOptions = {}): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      let position = from;
      let missing = times;
      const waiter: Waiter = {
        check: () => {
          while (position < this.#lines.length) {
            const match = this.#lines[position++]?.match(pattern);
            if (!match || --missing > 0) continue;
            this.#waiters.delete(waiter);
            resolve(match);
            return;
          }
        },
        reject: (cause) => reject(new Error(`${pattern} was waited for: ${cause.message}`, { cause })),
      };
      this.#waiters.add(waiter);
      waiter.check();
      if (this.#failure !== undefined && this.#waiters.delete(waiter)) waiter.reject(this.#failure);
    });
  }

  /** Ends all waiting, now and later, for what was not said. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const waiter of this.#waiters) waiter.reject(this.#failure);
    this.#waiters.clear();
  }
}

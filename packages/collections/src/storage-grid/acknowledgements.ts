/** Counts what was sent, and knows when all of it has arrived or cannot any more. */
export class Acknowledgements {
  #left = 1;
  #resolve: () => void = () => undefined;
  readonly #all = new Promise<void>((resolve) => {
    this.#resolve = resolve;
  });

  next(): () => void {
    this.#left++;
    return () => this.#settle();
  }

  /** Resolves when all that was counted until now is acknowledged. Called once. */
  all(): Promise<void> {
    this.#settle();
    return this.#all;
  }

  #settle(): void {
    if (--this.#left === 0) this.#resolve();
  }
}

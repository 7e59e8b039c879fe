/** What a log store was given to write, in its order. What promises something waits for all that was written before it. */
export class Writes {
  /** Until the store has made everything durable that it was given; undefined when it has. */
  #last: Promise<void> | undefined;
  #isOver = false;

  constructor(private readonly failed: (error: unknown) => void) {}

  /** Whether everything is durable. */
  get isIdle(): boolean {
    return this.#last === undefined;
  }

  /** Once this, and all before it, is durable, the action follows, unless a write failed or this ended before. */
  after(written: Promise<void> | undefined, action: () => void): void {
    const last = Promise.all([this.#last, written])
      .then(() => {
        if (this.#last === last) this.#last = undefined;
        if (!this.#isOver) action();
      })
      .catch(this.failed);
    this.#last = last;
  }

  /** No action follows any more. */
  end(): void {
    this.#isOver = true;
  }
}

const remembered = 4096;

/** What this member did with the last events, so that a publisher whose answer got lost can ask again. */
export class DeliveredEvents {
  readonly #outcomes = new Map<number, boolean>();

  add(index: number, delivered: boolean): void {
    this.#outcomes.set(index, delivered);
    if (this.#outcomes.size <= remembered) return;
    for (const oldest of this.#outcomes.keys()) {
      this.#outcomes.delete(oldest);
      return;
    }
  }

  /** Undefined where the event was not met, or was met too long ago. */
  get(index: number): boolean | undefined {
    return this.#outcomes.get(index);
  }
}

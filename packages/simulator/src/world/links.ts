/** Something about each direction between two members. To look two names up costs less than to make one of them, message after message. */
export class Links<T> {
  readonly #bySender = new Map<string, Map<string, T>>();

  get(from: string, to: string): T | undefined {
    return this.#bySender.get(from)?.get(to);
  }

  set(from: string, to: string, value: T): void {
    const ofSender = this.#bySender.get(from);
    if (ofSender) ofSender.set(to, value);
    else this.#bySender.set(from, new Map([[to, value]]));
  }

  *values(): Iterable<T> {
    for (const ofSender of this.#bySender.values()) yield* ofSender.values();
  }

  delete(from: string, to: string): void {
    this.#bySender.get(from)?.delete(to);
  }
}

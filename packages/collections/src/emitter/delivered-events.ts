/** More than an emitter is likely to see until a lost answer is asked for. */
const remembered = 16_384;

/** What this member did with the last events, so that a publisher whose answer got lost can ask again, which is rare. */
export class DeliveredEvents {
  /** A ring: the oldest is overwritten. */
  readonly #events: { index: number; delivered: boolean }[] = [];
  #next = 0;

  add(index: number, delivered: boolean): void {
    const oldest = this.#events[this.#next];
    if (oldest === undefined) this.#events.push({ index, delivered });
    else {
      oldest.index = index;
      oldest.delivered = delivered;
    }
    this.#next = (this.#next + 1) % remembered;
  }

  /** Indexes of another log, or of another incarnation, are not these. */
  clear(): void {
    this.#events.length = 0;
    this.#next = 0;
  }

  /** Undefined where the event was not met, or was met too long ago. */
  get(index: number): boolean | undefined {
    return this.#events.find((event) => event.index === index)?.delivered;
  }
}

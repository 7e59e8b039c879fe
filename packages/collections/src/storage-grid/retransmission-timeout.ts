const leastInMs = 100;
const mostInMs = 3200;

/** How long to wait for an acknowledgement before sending again: RFC 6298. */
export class RetransmissionTimeout {
  #inMs = 2 * leastInMs;
  /** Of the times from sending to the acknowledgement: the mean, and how far they are from it. */
  #roundTripInMs: number | undefined;
  #deviationInMs = 0;

  get inMs(): number {
    return this.#inMs;
  }

  /** What was sent once was acknowledged after so long. */
  measured(roundTripInMs: number): void {
    const mean = this.#roundTripInMs ?? roundTripInMs;
    const distance = Math.abs(roundTripInMs - mean);
    this.#deviationInMs = this.#roundTripInMs === undefined ? mean / 2 : 0.75 * this.#deviationInMs + 0.25 * distance;
    this.#roundTripInMs = 0.875 * mean + 0.125 * roundTripInMs;
    this.#inMs = Math.min(mostInMs, Math.max(leastInMs, this.#roundTripInMs + 4 * this.#deviationInMs));
  }

  /** It was waited for in vain. */
  expired(): void {
    this.#inMs = Math.min(this.#inMs * 2, mostInMs);
  }
}

import { ClosedError } from '../errors.js';
import type { Clock } from '../ports/clock.js';

/** Few enough for a millisecond or two of work, whatever a state machine makes of them. */
const pieceBytes = 64 * 1024;

/** Cuts long work into pieces, between which heartbeats leave and everything else gets its turn of the event loop. */
export class Pace {
  #bytes = 0;
  #ended = false;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /**
   * So many bytes were dealt with: resolves once others had their turn, if it is time for that.
   * @throws {ClosedError} where the work is not wanted any more
   */
  async after(bytes: number): Promise<void> {
    this.#bytes += bytes;
    if (this.#bytes >= pieceBytes && !this.#ended) {
      this.#bytes = 0;
      await this.#turn();
    }
    if (this.#ended) throw new ClosedError();
  }

  /** Ends the work, also what waits for its turn. */
  end(): void {
    this.#ended = true;
    for (const goOn of this.#waiting) goOn();
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      const goOn = (): void => {
        cancel();
        this.#waiting.delete(goOn);
        resolve();
      };
      const cancel = this.clock.setTimer(goOn, 0);
      this.#waiting.add(goOn);
    });
  }
}

import { ClosedError } from '../errors.js';
import type { Clock } from '../ports/clock.js';

/** Few enough for a millisecond or two of work, whatever a state machine makes of them. */
const pieceBytes = 64 * 1024;
/** After so long others get their turn, and after so many bytes, lest that hang on a clock alone. */
const turnInMs = 4;
const turnBytes = 512 * 1024;

/** Cuts long work into pieces, between which heartbeats leave and everything else gets its turn of the event loop. */
export class Pace {
  #bytes = 0;
  #since: number;
  #ended = false;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {
    this.#since = clock.now();
  }

  /**
   * So many bytes were dealt with: resolves once others had their turn, if it is time for that.
   * @throws {ClosedError} where the work is not wanted any more
   */
  async after(bytes: number): Promise<void> {
    this.#bytes += bytes;
    if (this.#isTime() && !this.#ended) {
      await this.#turn();
      this.#bytes = 0;
      this.#since = this.clock.now();
    }
    if (this.#ended) throw new ClosedError();
  }

  /** Ends the work, also what waits for its turn. */
  end(): void {
    this.#ended = true;
    for (const goOn of this.#waiting) goOn();
  }

  #isTime(): boolean {
    if (this.#bytes < pieceBytes) return false;
    return this.#bytes >= turnBytes || this.clock.now() - this.#since >= turnInMs;
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

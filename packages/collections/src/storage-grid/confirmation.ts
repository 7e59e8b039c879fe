import type { Clock } from '../clock.js';
import { Pauses } from '../pauses.js';
import { silentAfterInMs } from './stream.js';

/** Questions under way at once: what comes meanwhile waits for the next one, and shares it. */
const maxUnderWay = 2;
/** Before a question is asked again that the engine could not answer. */
const pauseInMs = 100;

/**
 * Asks the grid whether this participant still is one: whatever was committed before a question began, its removal too, is applied here
 * when that is answered. One question is for all that wait when it begins.
 */
export class Confirmation {
  #waiting: (() => void)[] = [];
  /** When each question under way began. */
  readonly #began = new Set<{ readonly at: number }>();
  readonly #pauses: Pauses;
  #closed = false;

  constructor(
    private readonly barrier: () => Promise<unknown>,
    /** How many the grid has, as applied here. */
    private readonly members: () => number,
    /** Whether this member hears who leads. */
    private readonly isLed: () => boolean,
    private readonly clock: Clock,
  ) {
    this.#pauses = new Pauses(clock);
  }

  /**
   * Whether what so many members have must be confirmed. A majority need not: without one of them the grid removes nobody. Who takes
   * in a removal takes in nothing more of who was removed. But what is applied here may be old, or count who has no vote, so that
   * they are no majority any more: then they hear no leader.
   */
  isNeeded(copies: number): boolean {
    return 2 * copies <= this.members() || !this.isLed();
  }

  /** Whether a question has had no answer for so long that this participant counts as silent, as one that acknowledges nothing does. */
  get isSilent(): boolean {
    const [first] = this.#began;
    return first !== undefined && this.clock.now() - first.at >= silentAfterInMs;
  }

  /** Calls back when a question is answered that began after this, or when this is closed. */
  ask(confirmed: () => void): void {
    if (this.#closed) return confirmed();
    this.#waiting.push(confirmed);
    this.#next();
  }

  close(): void {
    this.#closed = true;
    this.#pauses.endForGood();
    for (const confirmed of this.#waiting.splice(0)) confirmed();
  }

  #next(): void {
    if (this.#waiting.length === 0 || this.#began.size >= maxUnderWay) return;
    const question = { at: this.clock.now() };
    this.#began.add(question);
    void this.#answered().then(() => {
      this.#began.delete(question);
      this.#next();
    });
  }

  async #answered(): Promise<void> {
    const asked = this.#waiting.splice(0);
    while (!this.#closed) {
      try {
        await this.barrier();
        break;
      } catch {
        await this.#pauses.pause(pauseInMs);
      }
    }
    for (const confirmed of asked) confirmed();
  }
}

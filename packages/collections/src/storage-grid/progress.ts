import { ongoingIntervalInMs } from './ongoing-requests.js';
import type { Participant } from './view.js';

/** Who has said nothing for so long does not work on it. */
const silentAfterInMs = 2 * ongoingIntervalInMs;

/** What one who was asked says before it answers: that it works on it, or for whom it waits of whom it hears nothing. */
export class Progress {
  #workedOnAt = Number.NEGATIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;
  #waitsFor: readonly Participant[] = [];

  /** When it last said that it works on it. */
  get workedOnAt(): number {
    return this.#workedOnAt;
  }

  told(now: number, waitsFor: readonly Participant[]): void {
    this.#heardAt = now;
    this.#waitsFor = waitsFor;
    if (waitsFor.length === 0) this.#workedOnAt = now;
  }

  /** Somebody was asked instead, or again. */
  askedAgain(): void {
    this.#heardAt = Number.NEGATIVE_INFINITY;
    this.#waitsFor = [];
  }

  /** Because of whom there is no answer: of who was asked, where it says nothing, or of those for whom it waits. Nobody while it works. */
  silent(asked: Participant, now: number): readonly Participant[] {
    return now - this.#heardAt > silentAfterInMs ? [asked] : this.#waitsFor;
  }
}

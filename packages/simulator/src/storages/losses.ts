/** How many members have gone since every copy was in its place: more than there are backups, and entries may be lost. */
export class Losses {
  #gone = 0;
  #participants = 0;

  constructor(private readonly backups: number) {}

  /** Every copy is in its place, on so many participants. */
  settled(participants: number): void {
    this.#gone = 0;
    this.#participants = participants;
  }

  /** One more goes, or is about to. */
  goes(): void {
    this.#gone++;
  }

  /** Whether one more may go without a loss. */
  get isSafe(): boolean {
    return this.#gone < this.#tolerated;
  }

  /** Whether entries may be lost that were acknowledged. */
  get arePossible(): boolean {
    return this.#gone > this.#tolerated;
  }

  get #tolerated(): number {
    return Math.max(0, Math.min(this.backups, this.#participants - 1));
  }
}

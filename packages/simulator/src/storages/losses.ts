/**
 * How many members have gone since every copy was in its place: more than there are backups, and entries may be lost; as many as have to
 * do with an entry, its witness included, and nobody may be left who knows of it.
 */
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

  /** Whether nobody may be left to report them. */
  get maybeSilent(): boolean {
    return this.arePossible && this.#gone >= Math.min(this.backups + 2, this.#participants);
  }

  get #tolerated(): number {
    return Math.max(0, Math.min(this.backups, this.#participants - 1));
  }
}

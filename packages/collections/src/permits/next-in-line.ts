import type { Clock } from '../clock.js';
import { KeptLease } from './kept-lease.js';
import { type Claim, nextSlot, type Slots } from './slots.js';

/**
 * Which member is served next, where they would else be served by their distance to the leader: a permit that one gives back, and takes again at
 * once, never comes to those who hear of it later. Who asked for a free permit and came too late takes this place, if it is free, and nobody else
 * asks for a permit until it has one.
 */
export class NextInLine {
  #isLate = false;
  #place: KeptLease | undefined;

  constructor(
    private readonly slots: Slots,
    private readonly clock: Clock,
  ) {}

  get isAnother(): boolean {
    return this.#place === undefined && this.slots.isTaken(nextSlot);
  }

  /** This member asked for a free permit, and another one got it. */
  cameLate(): void {
    this.#isLate = true;
  }

  /** Takes the place for this member if it came late, and the place is free. */
  async apply(): Promise<void> {
    if (!this.#isLate || this.#place !== undefined || this.slots.isTaken(nextSlot)) return;
    const wait = { timeoutInMs: Number.POSITIVE_INFINITY };
    await this.slots.claim(nextSlot, wait, this.#take).catch(() => undefined);
  }

  /** This member got a permit, or does not want one any more. */
  leave(): void {
    this.#isLate = false;
    this.#place?.release(undefined).catch(() => undefined);
  }

  close(): void {
    this.leave();
    this.slots.close();
  }

  readonly #take = (claim: Claim): void => {
    this.#place = new KeptLease(claim, this.slots, this.clock, () => {
      this.#place = undefined;
    });
  };
}

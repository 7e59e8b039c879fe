import type { Participant } from '../storage-grid/view.js';

interface Reservation {
  readonly by: Participant;
  readonly epoch: number;
}

/** Keys that this participant, as their home, let others hold, and whose copies have not come yet. */
export class Reservations {
  readonly #bySlot = new Map<string, Reservation>();

  get(slot: string): Participant | undefined {
    return this.#bySlot.get(slot)?.by;
  }

  set(slot: string, by: Participant, epoch: number): void {
    this.#bySlot.set(slot, { by, epoch });
  }

  delete(slot: string): void {
    this.#bySlot.delete(slot);
  }

  release(slot: string, by: Participant): void {
    if (this.get(slot) === by) this.#bySlot.delete(slot);
  }

  /** In this epoch it has told everything that it holds: what it was let hold before and did not tell of, it does not hold. */
  announced(by: Participant, epoch: number): void {
    for (const [slot, reservation] of this.#bySlot)
      if (reservation.by === by && reservation.epoch < epoch) this.#bySlot.delete(slot);
  }

  retain(isPart: (participant: Participant) => boolean): void {
    for (const [slot, { by }] of this.#bySlot) if (!isPart(by)) this.#bySlot.delete(slot);
  }
}

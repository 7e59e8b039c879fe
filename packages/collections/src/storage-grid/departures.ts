import { MessageType } from '@hamok/messages';
import type { Pauses } from '../pauses.js';
import type { Acknowledgements } from './acknowledgements.js';
import { type Copies, type Copy, keyOnly } from './copies.js';
import { entriesATurn } from './entries-a-turn.js';
import { EntryBatch } from './entry-messages.js';
import type { MessageLimits } from './held-entries.js';
import type { Placement } from './placement.js';
import { hashOf } from './rendezvous.js';
import type { Streams } from './streams.js';
import type { Participant, View } from './view.js';

export interface Departed {
  readonly participant: Participant;
  /** The epoch that began when it left. */
  readonly epoch: number;
}

/** Those who left and of whose entries copies are kept here, or were; tells the homes of these about them. */
export class Departures {
  readonly #byId = new Map<string, Departed>();

  constructor(
    private readonly placement: Placement,
    private readonly copies: Copies,
    private readonly streams: Streams,
    private readonly limits: MessageLimits,
    private readonly pauses: Pauses,
  ) {}

  has({ id }: Participant): boolean {
    return this.#byId.has(id);
  }

  all(): readonly Participant[] {
    return Array.from(this.#byId.values(), ({ participant }) => participant);
  }

  viewChanged(view: View): void {
    for (const holder of this.copies.holders())
      if (!view.has(holder) && !this.#byId.has(holder.id))
        this.#byId.set(holder.id, { participant: holder, epoch: view.epoch });
  }

  /** One that others tell of. Undefined for what names no participant. */
  named(id: string, epoch: number): Departed | undefined {
    return this.#byId.get(id) ?? departedOf(id, epoch);
  }

  /** Keeps a copy that another one told of. */
  keep(departed: Departed, slot: string, copy: Copy): void {
    this.#byId.set(departed.participant.id, departed);
    this.copies.set(departed.participant, slot, copy);
  }

  /**
   * Whether a copy is to be kept in the place of what is there. The later its holder left, the newer a copy is. But where there is one with
   * the value yet, nothing was changed since.
   */
  isBetter(departed: Departed, slot: string, copy: Copy): boolean {
    const found = this.copies.find(slot);
    if (found === undefined) return true;
    const other = this.#byId.get(found.holder.id);
    if (other === undefined) return false;
    const areAlike = (copy === keyOnly) === (found.copy === keyOnly);
    return areAlike ? departed.epoch > other.epoch : found.copy === keyOnly;
  }

  /** Those of whose entries no copy is left here. */
  forget(): void {
    for (const [id, { participant }] of [...this.#byId])
      if (this.copies.of(participant).size === 0) this.#byId.delete(id);
  }

  /** Tells a home what is kept here of those who left. */
  async tellHome(home: Participant, view: View, sent: Acknowledgements): Promise<void> {
    for (const departed of [...this.#byId.values()]) {
      const batch = () =>
        new EntryBatch(
          MessageType.REMOVE_ENTRIES_NOTIFICATION,
          this.limits,
          (message) => this.streams.send(home, message, sent.next()),
          departed,
        );
      const [backups, witnesses] = [batch(), batch()];
      const flush = (): void => {
        backups.flush();
        witnesses.flush();
      };
      let count = 0;
      for (const [slot, copy] of this.copies.of(departed.participant)) {
        if (view.homeOf(slot) === home) {
          if (copy === keyOnly) witnesses.add(slot);
          else backups.add(slot, copy);
        }
        if (++count % entriesATurn > 0) continue;
        // In this turn: what is dropped here meanwhile must not be told behind the answer that it is.
        flush();
        await this.streams.to(home)?.drained();
        await this.pauses.pause(0);
        if (this.placement.view !== view) return;
      }
      flush();
    }
  }
}

function departedOf(id: string, epoch: number): Departed | undefined {
  const at = id.lastIndexOf('/');
  const since = Number(id.slice(at + 1));
  if (at < 1 || !Number.isSafeInteger(since) || epoch < 0) return undefined;
  return { participant: { id, member: id.slice(0, at), since, hash: hashOf(id) }, epoch };
}

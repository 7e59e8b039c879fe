import { MessageType } from '@hamok/messages';
import type { Pauses } from '../pauses.js';
import { Acknowledgements } from './acknowledgements.js';
import type { Departures } from './departures.js';
import { entriesATurn } from './entries-a-turn.js';
import { announcement, EntryBatch, placed } from './entry-messages.js';
import type { HeldEntries, MessageLimits } from './held-entries.js';
import type { Placement } from './placement.js';
import type { Settling } from './settling.js';
import type { Streams } from './streams.js';
import { type Participant, Role, type View } from './view.js';

/**
 * After a change of participants: gives each its copies, tells it that it has been told everything, and, when all copies are where
 * they belong, takes away those that are not. A later change begins all of it anew.
 */
export class Rebalancing {
  constructor(
    private readonly self: Participant,
    private readonly placement: Placement,
    private readonly held: HeldEntries,
    private readonly departures: Departures,
    private readonly settling: Settling,
    private readonly streams: Streams,
    private readonly limits: MessageLimits,
    private readonly pauses: Pauses,
  ) {}

  /** @param size how many were held before: what is restored or written in this view stands behind, and is sent to its keepers anyway */
  async run(view: View, size: number): Promise<void> {
    const others = view.participants.filter((one) => one !== this.self);
    await Promise.all(others.map((to) => this.#copy(to, view, size)));
    if (this.placement.view !== view) return;
    this.placement.copied();
    if (this.placement.canExceed) await Promise.all(others.map((to) => this.#drop(to, view)));
    if (this.placement.view !== view) return;
    this.placement.settled();
    for (const to of others) this.streams.send(to, placed(view.epoch));
  }

  async #copy(to: Participant, view: View, size: number): Promise<void> {
    const sent = new Acknowledgements();
    const batch = (type: MessageType) =>
      new EntryBatch(type, this.limits, (message) => this.streams.send(to, message, sent.next()));
    await this.departures.tellHome(to, view, sent);
    if (this.placement.canMiss(to)) {
      const backups = batch(MessageType.UPDATE_ENTRIES_NOTIFICATION);
      const witnesses = batch(MessageType.INSERT_ENTRIES_NOTIFICATION);
      await this.#each(to, view, size, [backups, witnesses], (slot, value) => {
        const role = this.placement.missing(to, slot);
        if (role === Role.Backup) backups.add(slot, value);
        // What is being restored has its backups first.
        else if (role === Role.Witness && !this.settling.isSpreading(slot)) witnesses.add(slot);
      });
    }
    // Of what is deleted here a new home has no copy, and must not hear that it was told everything while others have some.
    await this.held.deletionsEnded();
    // What was changed in this turn belongs before it.
    this.held.flush();
    if (this.placement.view === view) this.streams.send(to, announcement(view.epoch), sent.next());
    await sent.all();
  }

  async #drop(to: Participant, view: View): Promise<void> {
    const sent = new Acknowledgements();
    const batch = (type: MessageType) =>
      new EntryBatch(type, this.limits, (message) => this.streams.send(to, message, sent.next()));
    const deletions = batch(MessageType.DELETE_ENTRIES_NOTIFICATION);
    const witnesses = batch(MessageType.INSERT_ENTRIES_NOTIFICATION);
    await this.#each(to, view, this.held.size, [deletions, witnesses], (slot) => {
      const role = this.placement.surplus(to, slot);
      if (role === Role.None) deletions.add(slot);
      else if (role === Role.Witness) witnesses.add(slot);
    });
    await sent.all();
  }

  /**
   * So many entries, the oldest first, in turns, as long as the view is in force and the stream takes it. What was seen of an entry is sent in the same turn:
   * later it would come behind what was changed meanwhile, and undo it there.
   */
  async #each(
    to: Participant,
    view: View,
    size: number,
    batches: readonly EntryBatch[],
    look: (slot: string, value: string) => void,
  ): Promise<void> {
    const flush = (): void => {
      for (const batch of batches) batch.flush();
    };
    let count = 0;
    for (const [slot, value] of this.held.entries()) {
      if (count === size) break;
      look(slot, value);
      if (++count % entriesATurn > 0) continue;
      flush();
      await this.streams.to(to)?.drained();
      await this.pauses.pause(0);
      if (this.placement.view !== view) return;
    }
    flush();
  }
}

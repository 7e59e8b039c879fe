import { HamokMessage, MessageType } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import type { Pauses } from '../pauses.js';
import { type Copies, type Copy, keyOnly } from './copies.js';
import type { Departures } from './departures.js';
import { entriesATurn } from './entries-a-turn.js';
import type { HeldEntries } from './held-entries.js';
import type { Placement } from './placement.js';
import type { Settling } from './settling.js';
import type { Streams } from './streams.js';
import type { Participant, View } from './view.js';
import type { Whereabouts } from './whereabouts.js';

export interface RestoringObserver {
  /** This participant holds the entry from now on. */
  restored(slot: string, value: string): void;
  /** Those that held and kept it have all left. */
  lost(slots: readonly string[], holder: Participant): void;
  /** What was asked about keys whose holder was not known may be known now. */
  informed(): void;
}

/**
 * Brings entries back whose holders left. Each is restored by the home of its key alone: from its own copy at once, where nobody else
 * can have decided about the key meanwhile, else when all participants have told it in this epoch what they hold, and what they keep
 * of those who left. `Settling` goes on from there.
 */
export class Restoring {
  /** Who has told everything in this epoch. */
  readonly #announced = new Set<Participant>();
  /** The views since the last one in which this participant was told everything, that one first; none before there was one. */
  #uninformed: View[] | undefined;
  #informed = false;
  #restored = false;
  /**
   * What others have restored, and in which view that was told here: what is told until all is told in some epoch, of one that had left by
   * then, is old.
   */
  readonly #decided = new Map<string, View>();

  constructor(
    private readonly self: Participant,
    private readonly placement: Placement,
    private readonly held: HeldEntries,
    private readonly copies: Copies,
    private readonly departures: Departures,
    private readonly settling: Settling,
    private readonly whereabouts: Whereabouts,
    private readonly streams: Streams,
    private readonly pauses: Pauses,
    private readonly observer: RestoringObserver,
  ) {}

  /** Whether all participants have told this one everything in this epoch. */
  get informed(): boolean {
    return this.#informed;
  }

  /** Whether all participants have told this one everything in this epoch, and what it had to restore it holds. */
  get restored(): boolean {
    return this.#restored;
  }

  viewChanged(view: View): void {
    this.#announced.clear();
    this.#informed = false;
    this.#restored = false;
    this.#uninformed?.push(view);
    this.#checkInformed();
    if (!this.#informed) void this.#restoreAll(view, false);
  }

  announced(from: Participant, epoch: number | undefined): void {
    if (epoch !== this.placement.view.epoch) return;
    this.#announced.add(from);
    this.#checkInformed();
  }

  /** What another participant keeps of one that left. */
  told(from: Participant, { keys, values, raftCandidateId: id = '', revision: epoch = -1 }: HamokMessage): void {
    const { view } = this.placement;
    const departed = this.departures.named(id, epoch);
    if (departed === undefined || view.has(departed.participant)) return;
    this.whereabouts.toldOf(departed.participant, from);
    const old: string[] = [];
    keys.forEach((key, at) => {
      const slot = byteString(key);
      const value = values[at];
      // In an epoch that began meanwhile another home is told.
      if (view.homeOf(slot) !== this.self || this.settling.has(slot)) return;
      const copy = value === undefined ? keyOnly : byteString(value);
      if (this.held.has(slot)) old.push(slot);
      else if (!this.#isOld(slot, departed.participant) && this.departures.isBetter(departed, slot, copy))
        this.departures.keep(departed, slot, copy);
    });
    // When copies from before were dropped, nobody here knew of these.
    if (old.length > 0) void this.settling.drop(old);
  }

  /**
   * Another one has restored these: copies from before are dropped, and what is told of them yet in this epoch was sent before that.
   * The answer comes behind all that was told from here.
   */
  restoredElsewhere(by: Participant, { keys, requestId }: HamokMessage): void {
    for (const key of keys) {
      const slot = byteString(key);
      const found = this.copies.find(slot);
      if (found !== undefined && !this.placement.view.has(found.holder)) this.copies.delete(found.holder, slot);
      if (!this.#informed) this.#decided.set(slot, this.placement.view);
    }
    this.streams.send(
      by,
      new HamokMessage({ type: MessageType.ENTRIES_INSERTED_NOTIFICATION, requestId, success: true }),
    );
  }

  /** As the home of a key: whether this participant knows who holds it, or that nobody does. */
  knows(slot: string): boolean {
    return !this.settling.has(slot) && (this.#informed || this.#isContinuous(slot, undefined));
  }

  /** As the home of a key: restores it if that is due, and not done yet. */
  restore(slot: string): void {
    const found = this.copies.find(slot);
    if (found !== undefined && this.#take(slot, found.holder, found.copy, this.#informed))
      void this.settling.settle([slot]);
  }

  /** Who restored it may have left since, and others who held it after that: copies of theirs are not old. */
  #isOld(slot: string, departed: Participant): boolean {
    const view = this.#decided.get(slot);
    return view !== undefined && departed.since <= view.epoch && !view.has(departed);
  }

  #checkInformed(): void {
    const { view } = this.placement;
    if (this.#informed || !view.participants.every((one) => one === this.self || this.#announced.has(one))) return;
    this.#informed = true;
    this.#decided.clear();
    this.#uninformed = [view];
    void this.#restoreAll(view, true);
    this.observer.informed();
  }

  async #restoreAll(view: View, informed: boolean): Promise<void> {
    for (const participant of this.departures.all()) {
      let restored: string[] = [];
      const gone: string[] = [];
      let count = 0;
      for (const [slot, copy] of this.copies.of(participant)) {
        if (view.homeOf(slot) === this.self) {
          if (this.#take(slot, participant, copy, informed)) restored.push(slot);
          else if (informed) gone.push(slot);
        }
        if (++count % entriesATurn > 0) continue;
        void this.settling.settle(restored);
        restored = [];
        for (const other of view.participants) await this.streams.to(other)?.drained();
        await this.pauses.pause(0);
        if (this.placement.view !== view) break;
      }
      void this.settling.settle(restored);
      if (this.placement.view !== view) break;
      if (gone.length > 0) this.#giveUp(gone, participant);
    }
    if (informed && this.placement.view === view) {
      // Those whose entries are all restored, as far as this participant has to.
      if (this.settling.isSettled) this.departures.forget();
      this.#restored = true;
      this.observer.informed();
    }
  }

  /** Nobody has their values any more. */
  #giveUp(slots: readonly string[], holder: Participant): void {
    for (const slot of slots) this.copies.delete(holder, slot);
    void this.settling.drop(slots);
    const { view } = this.placement;
    const lost = slots.filter((slot) => !this.whereabouts.hasBackups(slot, holder, view));
    if (lost.length > 0) this.observer.lost(lost, holder);
  }

  /** Begins to hold an entry of a participant that left. */
  #take(slot: string, holder: Participant, copy: Copy, informed: boolean): boolean {
    if (copy === keyOnly || !this.departures.has(holder)) return false;
    if (!informed && !this.#isContinuous(slot, holder)) return false;
    this.copies.delete(holder, slot);
    this.settling.restored(slot);
    this.held.set(slot, copy);
    this.observer.restored(slot, copy);
    return true;
  }

  /** Whether nobody but this participant, and the holder before it left, can have decided about the key since all was known here. */
  #isContinuous(slot: string, holder: Participant | undefined): boolean {
    return (
      this.#uninformed?.every((view) => {
        const home = view.homeOf(slot);
        return home === this.self || home === holder;
      }) === true
    );
  }
}

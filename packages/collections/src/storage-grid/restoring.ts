import { HamokMessage, MessageType } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import type { Clock } from '../clock.js';
import { type Copies, type Copy, keyOnly } from './copies.js';
import { DropRequests } from './drop-requests.js';
import { EntryBatch } from './entry-messages.js';
import type { HeldEntries, MessageLimits } from './held-entries.js';
import type { Placement } from './placement.js';
import { type Acknowledgements, pause } from './rebalancing.js';
import { hashOf } from './rendezvous.js';
import type { Streams } from './streams.js';
import type { Participant, View } from './view.js';
import { Whereabouts } from './whereabouts.js';

export interface RestoringObserver {
  /** This participant holds the entry from now on. */
  restored(slot: string, value: string): void;
  /** Those that held and kept it have all left. */
  lost(slots: readonly string[], holder: Participant): void;
  /** What was asked about keys whose holder was not known may be known now. */
  informed(): void;
}

interface Departed {
  readonly participant: Participant;
  /** The epoch that began when it left. */
  readonly epoch: number;
}

const entriesATurn = 2048;

/**
 * Brings entries back whose holders left. Each is restored by the home of its key alone: from its own copy at once, where nobody else
 * can have decided about the key meanwhile, else when all participants have told it in this epoch what they hold, and what they keep
 * of those who left. What is restored is copied anew, and then the copies of the one who left are dropped wherever some may be. Until
 * those are gone nobody changes the entry: one that was left could bring back what was deleted since.
 */
export class Restoring {
  readonly #departed = new Map<string, Departed>();
  /** Who has told everything in this epoch. */
  readonly #announced = new Set<Participant>();
  /** The views since the last one in which this participant was told everything, that one first; none before there was one. */
  #uninformed: View[] | undefined;
  #informed = false;
  #restored = false;
  /** Entries that were restored, or cannot be, and of which others may still have copies from before. */
  readonly #settling = new Set<string>();
  /** Those of them whose new copies are not in their places yet. */
  readonly #spreading = new Set<string>();
  #waiting: (() => void)[] = [];
  readonly #whereabouts: Whereabouts;
  /** Who told of copies in this epoch. */
  readonly #tellers = new Set<Participant>();
  /** What others have restored: what is told of it until all is told in some epoch is old. */
  readonly #decided = new Set<string>();
  readonly #drops: DropRequests;

  constructor(
    private readonly self: Participant,
    private readonly placement: Placement,
    private readonly held: HeldEntries,
    private readonly copies: Copies,
    private readonly streams: Streams,
    private readonly limits: MessageLimits,
    private readonly clock: Clock,
    private readonly observer: RestoringObserver,
  ) {
    this.#drops = new DropRequests(streams, limits);
    this.#whereabouts = new Whereabouts(self, placement.backups);
  }

  /** Whether all participants have told this one everything in this epoch. */
  get informed(): boolean {
    return this.#informed;
  }

  /** Whether all participants have told this one everything in this epoch, and what it had to restore it holds. */
  get restored(): boolean {
    return this.#restored;
  }

  /** Whether copies from before may be left of anything that was restored here, or could not be. */
  get isSettled(): boolean {
    return this.#settling.size === 0;
  }

  /** Whether it may not be changed yet. */
  isSettling(slot: string): boolean {
    return this.#settling.has(slot);
  }

  /** Whether it is restored, and its new copies are not in their places yet. */
  isSpreading(slot: string): boolean {
    return this.#spreading.has(slot);
  }

  /** Resolves when none of these has copies from before any more, or this participation has ended. */
  async whenSettled(slots: readonly string[]): Promise<void> {
    while (slots.some((slot) => this.#settling.has(slot)))
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
  }

  close(): void {
    this.#settled([...this.#settling]);
  }

  viewChanged(view: View): void {
    this.#whereabouts.viewChanged(view);
    for (const holder of this.copies.holders())
      if (!view.has(holder) && !this.#departed.has(holder.id))
        this.#departed.set(holder.id, { participant: holder, epoch: view.epoch });
    this.#announced.clear();
    this.#tellers.clear();
    this.#informed = false;
    this.#restored = false;
    this.#uninformed?.push(view);
    this.#drops.viewChanged(view);
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
    const departed = this.#departed.get(id) ?? departedOf(id, epoch);
    if (departed === undefined || view.has(departed.participant)) return;
    this.#tellers.add(from);
    keys.forEach((key, at) => {
      const slot = byteString(key);
      const value = values[at];
      // In an epoch that began meanwhile another home is told.
      if (view.homeOf(slot) !== this.self) return;
      if (this.held.has(slot) || this.#settling.has(slot) || this.#decided.has(slot)) return;
      const copy = value === undefined ? keyOnly : byteString(value);
      if (!this.#isBetter(departed, copy, this.copies.find(slot))) return;
      this.#departed.set(id, departed);
      this.copies.set(departed.participant, slot, copy);
    });
  }

  /** A participant has all copies of its entries in their places. */
  placed(from: Participant, epoch: number | undefined): void {
    if (epoch === this.placement.view.epoch) this.#whereabouts.settled(from, this.placement.view);
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
      if (!this.#informed) this.#decided.add(slot);
    }
    this.streams.send(
      by,
      new HamokMessage({ type: MessageType.ENTRIES_INSERTED_NOTIFICATION, requestId, success: true }),
    );
  }

  dropped(from: Participant, message: HamokMessage): void {
    this.#drops.answered(from, message);
  }

  /** Tells a home what is kept here of those who left. */
  async tellHome(home: Participant, view: View, sent: Acknowledgements): Promise<void> {
    for (const departed of [...this.#departed.values()]) {
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
        await pause(this.clock);
        if (this.placement.view !== view) return;
      }
      flush();
    }
  }

  /** As the home of a key: whether this participant knows who holds it, or that nobody does. */
  knows(slot: string): boolean {
    return !this.#settling.has(slot) && (this.#informed || this.#isContinuous(slot, undefined));
  }

  /** As the home of a key: restores it if that is due, and not done yet. */
  restore(slot: string): void {
    const found = this.copies.find(slot);
    if (found !== undefined && this.#take(slot, found.holder, found.copy, this.#informed)) void this.#settle([slot]);
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
    for (const { participant } of [...this.#departed.values()]) {
      let restored: string[] = [];
      const gone: string[] = [];
      let count = 0;
      for (const [slot, copy] of this.copies.of(participant)) {
        if (view.homeOf(slot) === this.self) {
          if (this.#take(slot, participant, copy, informed)) restored.push(slot);
          else if (informed) gone.push(slot);
        }
        if (++count % entriesATurn > 0) continue;
        void this.#settle(restored);
        restored = [];
        for (const other of view.participants) await this.streams.to(other)?.drained();
        await pause(this.clock);
        if (this.placement.view !== view) break;
      }
      void this.#settle(restored);
      if (this.placement.view !== view) break;
      if (gone.length > 0) this.#giveUp(gone, participant);
    }
    if (informed && this.placement.view === view) {
      this.#forgetDeparted(view);
      this.#restored = true;
      this.observer.informed();
    }
  }

  /** Nobody has their values any more. */
  #giveUp(slots: readonly string[], holder: Participant): void {
    for (const slot of slots) {
      this.copies.delete(holder, slot);
      this.#settling.add(slot);
    }
    void this.#dropElsewhere(slots).then(() => this.#settled(slots));
    const { view } = this.placement;
    const lost = slots.filter((slot) => !this.#whereabouts.hasBackups(slot, holder, view));
    if (lost.length > 0) this.observer.lost(lost, holder);
  }

  /** Those whose entries are all restored, as far as this participant has to. */
  #forgetDeparted(view: View): void {
    if (this.#settling.size > 0) return;
    this.#whereabouts.forgetDeparted(view);
    for (const [id, { participant }] of [...this.#departed])
      if (this.copies.of(participant).size === 0) this.#departed.delete(id);
  }

  /** Copies what was restored to those who keep it now; then drops what others have of it from before. */
  async #settle(restored: readonly string[]): Promise<void> {
    if (restored.length === 0) return;
    try {
      for (let view: View | undefined; view !== this.placement.view; ) {
        view = this.placement.view;
        await this.held.spreadRestored(restored);
      }
    } catch {
      // This participation has ended: others restore it.
      return;
    }
    for (const slot of restored) this.#spreading.delete(slot);
    await this.#dropElsewhere(restored);
    this.#settled(restored);
  }

  #settled(slots: readonly string[]): void {
    for (const slot of slots) this.#settling.delete(slot);
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.observer.informed();
  }

  /** Until whoever may have a copy from before, in the view of then, has none. */
  async #dropElsewhere(slots: readonly string[]): Promise<void> {
    for (let view: View | undefined; view !== this.placement.view; ) {
      view = this.placement.view;
      const known = view;
      await this.#drops.ask(slots, (slot) => [...this.#whereabouts.ofDeparted(slot, known), ...this.#tellers]);
    }
  }

  /** Begins to hold an entry of a participant that left. */
  #take(slot: string, holder: Participant, copy: Copy, informed: boolean): boolean {
    if (copy === keyOnly || !this.#departed.has(holder.id)) return false;
    if (!informed && !this.#isContinuous(slot, holder)) return false;
    this.copies.delete(holder, slot);
    this.#settling.add(slot);
    this.#spreading.add(slot);
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

  /** The later its holder left, the newer a copy is. But where there is one with the value yet, nothing was changed since. */
  #isBetter(departed: Departed, copy: Copy, found: ReturnType<Copies['find']>): boolean {
    if (found === undefined) return true;
    const other = this.#departed.get(found.holder.id);
    if (other === undefined) return false;
    const areAlike = (copy === keyOnly) === (found.copy === keyOnly);
    return areAlike ? departed.epoch > other.epoch : found.copy === keyOnly;
  }
}

function departedOf(id: string, epoch: number): Departed | undefined {
  const at = id.lastIndexOf('/');
  const since = Number(id.slice(at + 1));
  if (at < 1 || !Number.isSafeInteger(since) || epoch < 0) return undefined;
  return { participant: { id, member: id.slice(0, at), since, hash: hashOf(id) }, epoch };
}

import { type HamokMessage, MessageType } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import type { Clock } from '../clock.js';
import type { MemberId } from '../consensus.js';
import type { DirectChannel, DirectMessage } from '../direct-channel.js';
import { Pauses } from '../pauses.js';
import type { Confirmation } from './confirmation.js';
import { type ConflictReport, Conflicts } from './conflicts.js';
import { Copies, keyOnly } from './copies.js';
import { Departures } from './departures.js';
import { DropRequests } from './drop-requests.js';
import { settled } from './entry-messages.js';
import { HeldEntries, type MessageLimits } from './held-entries.js';
import { Placement } from './placement.js';
import { Rebalancing } from './rebalancing.js';
import { Restoring, type RestoringObserver } from './restoring.js';
import { Settling } from './settling.js';
import { Streams } from './streams.js';
import type { UnnamedLosses } from './unnamed-losses.js';
import type { Participant, View } from './view.js';
import { Whereabouts } from './whereabouts.js';

export interface EntryGridObserver extends RestoringObserver {
  /** A copy of an entry that another one holds came here. */
  kept(slot: string): void;
  /** Another one does not hold an entry any more, or its copy does not belong here. */
  dropped(slot: string, holder: Participant): void;
  /** Another participant has told everything of this epoch. */
  announced(from: Participant): void;
  /** A message that is not about copies. */
  received(from: Participant, message: HamokMessage): void;
  readonly conflicted: ConflictReport;
}

export interface EntryGridOptions {
  readonly storageId: string;
  readonly self: Participant;
  readonly view: View;
  readonly backups: number;
  readonly clock: Clock;
  readonly confirmation: Confirmation;
  readonly channel: DirectChannel;
  readonly limits: MessageLimits;
  /** Of this and earlier participations of this member. */
  readonly unnamed: UnnamedLosses;
  readonly observer: EntryGridObserver;
}

/** Room for what a frame has beside its messages. */
const frameOverhead = 1024;

/**
 * One participation in a storage whose entries live on its members: the entries that this participant holds, the copies that it keeps
 * for others, and the streams over which participants tell each other. It ends when the participant leaves, and so does what it holds.
 */
export class EntryGrid {
  readonly self: Participant;
  readonly held: HeldEntries;
  readonly copies = new Copies();
  readonly restoring: Restoring;
  readonly settling: Settling;
  readonly streams: Streams;
  readonly limits: MessageLimits;
  /** They end with this. */
  readonly pauses: Pauses;
  readonly #placement: Placement;
  readonly #confirmation: Confirmation;
  readonly #whereabouts: Whereabouts;
  readonly #departures: Departures;
  readonly #drops: DropRequests;
  readonly #conflicts: Conflicts;
  readonly #rebalancing: Rebalancing;
  readonly #unnamed: UnnamedLosses;
  readonly #observer: EntryGridObserver;
  /** In which it has told the others that it is settled. */
  #settledIn: View | undefined;
  #closed = false;

  constructor(options: EntryGridOptions) {
    const { self, view, backups, clock, confirmation, limits, observer } = options;
    this.self = self;
    this.#observer = observer;
    this.#unnamed = options.unnamed;
    this.limits = limits;
    this.pauses = new Pauses(clock);
    this.#placement = new Placement(self, backups, view);
    this.streams = new Streams({
      ...options,
      view: () => this.view,
      receive: (from, message) => this.#receive(from, message),
      maxFrameBytes: limits.bytes + frameOverhead,
    });
    this.#confirmation = confirmation;
    this.held = new HeldEntries(this.#placement, this.streams, limits, clock, confirmation, () => observer.informed());
    this.#whereabouts = new Whereabouts(self, backups);
    this.#drops = new DropRequests(this.streams, limits);
    this.settling = new Settling(this.#placement, this.held, this.#whereabouts, this.#drops, () => this.#informed());
    this.#departures = new Departures(this.#placement, this.copies, this.streams, limits, this.pauses);
    this.restoring = new Restoring(
      self,
      this.#placement,
      this.held,
      this.copies,
      this.#departures,
      this.settling,
      this.#whereabouts,
      this.streams,
      this.pauses,
      { ...observer, informed: () => this.#informed() },
    );
    this.#conflicts = new Conflicts(self, this.#placement, this.held, this.streams, observer.conflicted);
    this.#rebalancing = new Rebalancing(
      self,
      this.#placement,
      this.held,
      this.#departures,
      this.settling,
      this.streams,
      limits,
      this.pauses,
    );
    this.#unnamed.begin(view, self);
    this.#begin(view);
  }

  get view(): View {
    return this.#placement.view;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Whether all that this participant holds has its copies, and nothing is left that it has to restore. Changes under way do not count:
   * who made them has not been told yet that they are copied.
   */
  get settled(): boolean {
    return this.#isInPlace && this.#conflicts.isSettled;
  }

  /**
   * Of those who have to do with these slots, or, where that is not known yet, of all: those who acknowledge nothing of what they are told.
   * Whatever is done for the slots, and does not end, waits for them; or for this one itself, while the grid does not answer it.
   */
  silent(slots?: readonly string[]): readonly Participant[] {
    const silent = this.view.participants.filter((one) => this.#isSilent(one));
    if (silent.length === 0 || slots === undefined) return silent;
    const concerned = new Set([this.self]);
    for (const slot of slots) {
      if ((!this.held.has(slot) && !this.held.isLeaving(slot)) || this.settling.has(slot)) return silent;
      this.#placement.forKeepers(slot, (keeper) => concerned.add(keeper));
    }
    return silent.filter((one) => concerned.has(one));
  }

  /** Those who keep copies of an entry where that one holds it. */
  keepersOf(slot: string, holder: Participant): readonly Participant[] {
    return this.view.keepersOf(slot, holder.id, this.#placement.backups);
  }

  /**
   * The participants were changed by the log, and this one is still among them.
   *
   * @param isNext whether no view lies between
   */
  follow(view: View, isNext: boolean): void {
    if (!isNext) this.#whereabouts.missedViews();
    this.#placement.follow(view);
    this.#unnamed.viewChanged(view);
    this.#begin(view);
  }

  /** What came from another member for this storage. */
  receive(from: MemberId, message: DirectMessage): void {
    if (message.type === MessageType.STORAGE_STREAM_NOTIFICATION) return this.streams.receive(from, message);
    const sender = this.view.findMember(from);
    if (message.type === MessageType.ONGOING_REQUESTS_NOTIFICATION && sender !== undefined)
      this.#observer.received(sender, message);
  }

  /** @param error what waiting changes reject with */
  close(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.held.close(error);
    this.pauses.endForGood();
    this.#confirmation.close();
    this.streams.close();
    this.copies.clear();
    this.settling.close();
  }

  get #isInPlace(): boolean {
    return !this.#closed && this.#placement.isSettled && this.restoring.restored && this.settling.isSettled;
  }

  #informed(): void {
    this.#tellSettled();
    this.#observer.informed();
  }

  /** Once in each view. */
  #tellSettled(): void {
    const { view } = this;
    if (!this.#isInPlace || this.#settledIn === view) return;
    this.#settledIn = view;
    this.#settled(this.self, view.epoch);
    for (const one of view.participants) if (one !== this.self) this.streams.send(one, settled(view.epoch));
  }

  #isSilent(participant: Participant): boolean {
    if (participant === this.self) return this.#confirmation.isSilent;
    return this.streams.to(participant)?.isSilent === true;
  }

  #begin(view: View): void {
    const { size } = this.held;
    this.streams.open(view);
    this.held.viewChanged();
    this.streams.closeDeparted(view);
    this.#whereabouts.viewChanged(view);
    this.#departures.viewChanged(view);
    this.settling.viewChanged(view);
    this.restoring.viewChanged(view);
    void this.#rebalancing.run(view, size).then(() => this.#tellSettled());
    this.streams.epochChanged();
  }

  /** False for what is not about copies: its sender waits for an answer, if for anything. */
  #receive(from: Participant, message: HamokMessage): boolean {
    const isAboutCopies = this.#told(from, message);
    if (!isAboutCopies) this.#observer.received(from, message);
    return isAboutCopies;
  }

  #told(from: Participant, message: HamokMessage): boolean {
    const { type, keys, values } = message;
    switch (type) {
      case MessageType.UPDATE_ENTRIES_NOTIFICATION:
        if (keys.length === values.length) this.#keep(from, keys, values);
        return true;
      case MessageType.INSERT_ENTRIES_NOTIFICATION:
        this.#keep(from, keys, undefined);
        return true;
      case MessageType.DELETE_ENTRIES_NOTIFICATION:
        this.#drop(from, keys);
        return true;
      case MessageType.REMOVE_ENTRIES_NOTIFICATION:
        this.restoring.told(from, message);
        return true;
      case MessageType.ENTRIES_INSERTED_NOTIFICATION:
        if (message.success === true) this.#drops.answered(from, message);
        else this.restoring.restoredElsewhere(from, message);
        return true;
      case MessageType.STORAGE_STATE_NOTIFICATION:
        if (message.success === true) this.#settled(from, message.storageEpoch);
        else if (message.lastMessage === true) this.#placed(from, message.storageEpoch);
        else this.#announced(from, message.storageEpoch);
        return true;
      case MessageType.ENTRIES_REMOVED_NOTIFICATION:
        this.#conflicts.told(from, message);
        return true;
      default:
        return false;
    }
  }

  #announced(from: Participant, epoch: number | undefined): void {
    if (epoch === this.view.epoch) this.#observer.announced(from);
    this.restoring.announced(from, epoch);
  }

  /** It has all copies of its entries in their places. */
  #placed(from: Participant, epoch: number | undefined): void {
    if (epoch === this.view.epoch) this.#whereabouts.placed(from, this.view);
  }

  #settled(from: Participant, epoch: number | undefined): void {
    if (epoch !== this.view.epoch) return;
    this.#unnamed.settled(from, this.view);
    this.#whereabouts.settled(from, this.view);
  }

  #keep(holder: Participant, keys: readonly Uint8Array[], values: readonly Uint8Array[] | undefined): void {
    keys.forEach((key, at) => {
      const slot = byteString(key);
      const value = values?.[at];
      const known = this.held.has(slot) ? this.self : this.copies.find(slot)?.holder;
      if (known !== undefined && known !== holder && this.#conflicts.isRefused(slot, known, holder)) return;
      if (known === this.self) return;
      this.copies.replace(known, holder, slot, value === undefined ? keyOnly : byteString(value));
      this.#observer.kept(slot);
    });
  }

  #drop(holder: Participant, keys: readonly Uint8Array[]): void {
    for (const key of keys) {
      const slot = byteString(key);
      this.copies.delete(holder, slot);
      this.#observer.dropped(slot, holder);
    }
  }
}

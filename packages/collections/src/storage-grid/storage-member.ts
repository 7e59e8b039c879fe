import { type HamokMessage, MessageType } from '@hamok/messages';
import { decodeText } from '../bytes/utf8.js';
import type { CollectionContext } from '../collection.js';
import type { StorageClient } from '../storage-client.js';
import { Confirmation } from './confirmation.js';
import { EntryGrid, type EntryGridObserver } from './entry-grid.js';
import type { MessageLimits } from './held-entries.js';
import { OngoingRequests } from './ongoing-requests.js';
import { Participation } from './participation.js';
import { Requests } from './requests.js';
import { UnnamedLosses } from './unnamed-losses.js';
import type { Participant, View } from './view.js';
import { type HeldEntriesService, WholeGridService } from './whole-grid-service.js';

/** What a kind of storage does with what it is asked and told. */
export interface StorageDuties extends HeldEntriesService {
  /** Undefined for a request that is about all that a participant holds, or about keys whoever holds them. */
  answer?(grid: EntryGrid, from: Participant, request: HamokMessage): Promise<void> | undefined;
  /** The slots that a request is about, where those are known and not all. */
  slotsOf?(request: HamokMessage): readonly string[] | undefined;
  /** A copy of an entry that another one holds came here. */
  kept?(slot: string): void;
  /** Another one does not hold an entry any more, or its copy does not belong here. */
  dropped?(slot: string, holder: Participant): void;
  /** Another participant has told everything of this epoch. */
  announced?(from: Participant, epoch: number): void;
  /** This participant holds the entry from now on. */
  restored?(grid: EntryGrid, slot: string): void;
  /** What could not be answered may be now. */
  informed?(grid: EntryGrid | undefined): void;
}

/** Is told what befalls entries by no call. */
export interface EntryObserver extends Pick<EntryGridObserver, 'restored' | 'lost' | 'conflicted'> {
  /** So many have gone that they may have had all copies of some entries. */
  lostUnnamed(gone: readonly Participant[]): void;
}

/** One member's part in a storage whose entries live on its members: takes part, answers the others, and asks them. */
export class StorageMember {
  readonly participation: Participation;
  readonly requests = new Requests();
  readonly service: WholeGridService;
  readonly #duties: StorageDuties;
  readonly #ongoing: OngoingRequests;

  constructor(
    context: CollectionContext,
    client: StorageClient,
    settings: { readonly backups: number; readonly limits: MessageLimits },
    duties: StorageDuties,
    entries: EntryObserver,
  ) {
    const { clock, channel } = context;
    const storageId = client.id;
    this.#duties = duties;
    const waitsFor = (request: HamokMessage): readonly Participant[] => {
      const silent = this.grid?.silent() ?? [];
      return silent.length === 0 ? silent : (this.grid?.silent(duties.slotsOf?.(request)) ?? []);
    };
    this.#ongoing = new OngoingRequests(storageId, channel, clock, waitsFor);
    this.service = new WholeGridService(duties, settings.limits);
    const unnamed = new UnnamedLosses(settings.backups, (gone) => entries.lostUnnamed(gone));
    const begin = (self: Participant, view: View): EntryGrid => {
      const observer = this.#observer(entries);
      const { barrier, state, isLed } = context;
      const confirmation = new Confirmation(barrier, () => state.memberCount, isLed, clock);
      return new EntryGrid({ storageId, self, view, ...settings, clock, confirmation, channel, unnamed, observer });
    };
    this.participation = new Participation(context, client, settings.backups, begin, () => this.#viewChanged());
  }

  get grid(): EntryGrid | undefined {
    return this.participation.grid;
  }

  /** Leaves, for at most so long, and lets go of everything. Never rejects. */
  async close(timeoutInMs: number): Promise<void> {
    await this.participation.close(timeoutInMs);
    this.#viewChanged();
    this.#ongoing.close();
  }

  #observer(entries: EntryObserver): EntryGridObserver {
    return {
      received: (from, message) => this.#received(from, message),
      kept: (slot) => this.#duties.kept?.(slot),
      dropped: (slot, holder) => this.#duties.dropped?.(slot, holder),
      announced: (from) => this.#duties.announced?.(from, this.grid?.view.epoch ?? -1),
      informed: () => this.#wake(),
      restored: (slot, value) => {
        const { grid } = this;
        if (grid !== undefined) this.#duties.restored?.(grid, slot);
        entries.restored(slot, value);
      },
      lost: (slots, holder) => entries.lost(slots, holder),
      conflicted: (slot, kept, other) => entries.conflicted(slot, kept, other),
    };
  }

  #received(from: Participant, message: HamokMessage): void {
    const { grid } = this;
    if (grid === undefined) return;
    if (message.type === MessageType.GET_ENTRIES_RESPONSE) return this.requests.answered(from, message);
    if (message.type === MessageType.ONGOING_REQUESTS_NOTIFICATION) {
      const waitsFor = message.activeEndpointIds.flatMap((id) => grid.view.find(id) ?? []);
      return this.requests.told(from, message.keys.map(decodeText), waitsFor);
    }
    const answered = this.#duties.answer?.(grid, from, message) ?? this.service.answer(grid, from, message);
    // Whoever asked learns from its stream when this participant ends before it has answered.
    void answered.catch(() => undefined).finally(this.#ongoing.begin(from, message));
  }

  #viewChanged(): void {
    const { grid } = this;
    this.requests.viewChanged(grid);
    this.#wake();
  }

  #wake(): void {
    this.#duties.informed?.(this.grid);
    this.service.wake();
  }
}

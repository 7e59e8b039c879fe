import { type HamokMessage, MessageType, type StorageKind } from '@hamok/messages';
import type { EventEmitter } from 'eventemitter3';
import { decodeText } from '../bytes/utf8.js';
import type { Collection, CollectionContext } from '../collection.js';
import { BusyError, ClosedError, MissingMembersError, OptionError, UnavailableError } from '../errors.js';
import { idOf } from '../member-id.js';
import type { CallOptions } from '../session/call.js';
import type { StorageEvents } from '../storage/storage.js';
import { StorageClient } from '../storage-client.js';
import { CallOrder } from './call-order.js';
import { EntryCodec } from './entry-codec.js';
import { EntryGrid, type EntryGridObserver } from './entry-grid.js';
import type { GridCallOptions, GridStorageOptions } from './grid-storage-options.js';
import type { MessageLimits } from './held-entries.js';
import { OngoingRequests } from './ongoing-requests.js';
import { Participation } from './participation.js';
import { Patience } from './patience.js';
import { Requests } from './requests.js';
import { GridStorageListeners, type StorageIncidents } from './storage-events.js';
import type { Participant } from './view.js';
import {
  type Collector,
  type HeldEntriesService,
  WholeGridCalls,
  WholeGridService,
  type WholeOperation,
} from './whole-grid.js';

/** Calls, and changes that wait for acknowledgement, of one storage on one member. */
const maxInFlight = 65_536;
const maxMessageBytes = 256 * 1024;
const maxMessageItems = 1024;

/** Runs a call in its turn, which is over at the latest when that promise is resolved. */
export type InOrder = (over: Promise<void>, call: () => Promise<void>) => Promise<void>;

/** What storages have in common whose entries live on their members: taking part, asking each other, counting and listing over all. */
export abstract class GridStorage<K, V> implements Collection {
  readonly id: string;
  /** Resolves when this member takes part. Never rejects unhandled. */
  readonly ready: Promise<this>;
  protected readonly context: CollectionContext;
  protected readonly codec: EntryCodec<K, V>;
  protected readonly listeners: GridStorageListeners<K, V>;
  protected readonly order = new CallOrder();
  protected readonly participation: Participation;
  protected readonly requests = new Requests();
  protected readonly limits: MessageLimits;
  readonly #client: StorageClient;
  readonly #ongoing: OngoingRequests;
  readonly #gridService: WholeGridService;
  readonly #gridCalls: WholeGridCalls;
  readonly #requestTimeoutInMs: number;
  #closing: Promise<void> | undefined;

  constructor(
    context: CollectionContext,
    readonly kind: StorageKind,
    options: GridStorageOptions<K, V>,
    held: HeldEntriesService,
  ) {
    const { storageId, backups = 1, requestTimeoutInMs, maxOutboundMessageKeys = maxMessageItems } = options;
    if (!Number.isSafeInteger(backups) || backups < 0) throw new OptionError('backups', 'must be an integer from 0');
    if (!(maxOutboundMessageKeys >= 1)) throw new OptionError('maxOutboundMessageKeys', 'must be a number from 1');
    const { batchBytes } = context.session;
    this.id = storageId;
    this.context = context;
    this.#requestTimeoutInMs = requestTimeoutInMs ?? context.requestTimeoutInMs;
    this.limits = { bytes: Math.min(maxMessageBytes, batchBytes >> 1), items: maxOutboundMessageKeys };
    this.codec = new EntryCodec(options.keyCodec, options.valueCodec, batchBytes);
    this.#client = new StorageClient(context, storageId, kind, requestTimeoutInMs);
    this.listeners = new GridStorageListeners(storageId, context.onError);
    this.#ongoing = new OngoingRequests(storageId, context.channel, context.clock);
    this.#gridService = new WholeGridService(held, this.limits);
    const { clock, channel } = context;
    const begin = (self: Participant, view: EntryGrid['view']): EntryGrid =>
      new EntryGrid({
        storageId,
        self,
        view,
        backups,
        clock,
        channel,
        limits: this.limits,
        observer: this.#observer(),
      });
    this.participation = new Participation(context, this.#client, begin, () => this.#viewChanged());
    this.#gridCalls = new WholeGridCalls(this.participation, this.#gridService, this.requests, this.limits);
    this.ready = this.participation.joined().then(() => this);
    this.ready.catch(() => undefined);
  }

  get events(): EventEmitter<StorageEvents<K, V>> {
    return this.listeners.events;
  }

  /** What befell entries by no call of anybody. */
  get incidents(): EventEmitter<StorageIncidents<K>> {
    return this.listeners.incidents;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Who takes part, as applied here: the ids of the members, and the log index at which that changed last (-1: this one does not). */
  get participants(): { readonly epoch: number; readonly memberIds: readonly string[] } {
    const view = this.participation.grid?.view;
    return { epoch: view?.epoch ?? -1, memberIds: view?.participants.map(({ member }) => idOf(member)) ?? [] };
  }

  /**
   * Whether this member takes part, every entry that it holds has its copies on others, and all is restored that it has to restore.
   * Whoever stops members one after another waits for that on all others, or loses what had not been copied again.
   */
  get settled(): boolean {
    return this.participation.grid?.settled === true;
  }

  /** What this member has: entries that it holds, copies of those of others, and of some only that there are such keys. Counts anew. */
  get stats(): { readonly held: number; readonly backups: number; readonly witnesses: number } {
    const grid = this.participation.grid;
    const copies = grid?.copies.count() ?? { backups: 0, witnesses: 0 };
    return { held: grid?.held.size ?? 0, ...copies };
  }

  /** Leaves the storage: what this member holds is restored by others, as when it leaves the grid. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Answers what another participant asks, but for what concerns the whole grid. */
  protected abstract serve(grid: EntryGrid, from: Participant, request: HamokMessage): Promise<void>;

  /** Whether a request concerns what this participant holds, whoever else holds what. */
  protected abstract isWhole(request: HamokMessage): boolean;

  protected abstract keyOf(slot: string): K;

  /** What else has to be told of what happens to entries. */
  protected kept(_slot: string): void {}
  protected announced(_from: Participant, _epoch: number): void {}
  protected restoredHere(_slot: string): void {}
  protected informed(): void {}
  protected viewChanged(_grid: EntryGrid | undefined): void {}

  /** Asks all participants. What it rejects with, the caller does. */
  protected async whole(
    operation: WholeOperation,
    options: GridCallOptions | undefined,
    collector: Collector,
    run: InOrder = (over, call) => this.order.runAlone(over, call),
  ): Promise<void> {
    this.requireOpen();
    const patience = this.patience(options);
    const missing = new Set<string>();
    const [ended, prolong] = [() => patience.ended, () => patience.prolong()];
    const running = run(patience.over, () => this.#gridCalls.run({ operation, collector, missing, ended, prolong }));
    const isChange = !reads.has(operation.type);
    await this.orPartial(
      patience.limit(running, (cause) => this.unanswered(missing, isChange, cause)),
      missing,
      options,
    ).catch((error: unknown) => {
      throw this.closed ? new ClosedError(`"${this.id}"`, isChange) : error;
    });
  }

  /** Where the caller takes a part for all, a call that some did not answer is done. */
  protected async orPartial(
    call: Promise<void>,
    missing: ReadonlySet<string>,
    options: GridCallOptions | undefined,
  ): Promise<void> {
    try {
      await call;
    } catch (error) {
      const isPartial = error instanceof MissingMembersError || error instanceof UnavailableError;
      if (!isPartial || options?.onMissing === undefined) throw error;
      options.onMissing(Array.from(missing, idOf));
    }
  }

  protected unanswered(missing: ReadonlySet<string>, isChange: boolean, cause: unknown): Error {
    if (missing.size > 0) return new MissingMembersError(this.id, Array.from(missing, idOf), isChange);
    return new UnavailableError(`"${this.id}" did not answer in time`, { cause });
  }

  /** @throws OptionError, BusyError */
  protected patience(options: CallOptions | undefined): Patience {
    if (this.order.underWay + (this.participation.grid?.held.unacknowledged ?? 0) >= maxInFlight)
      throw new BusyError(maxInFlight);
    return new Patience(this.context.clock, this.#client.limitInMs, options);
  }

  /** @throws ClosedError */
  protected requireOpen(): void {
    if (this.closed) throw new ClosedError(`"${this.id}"`);
  }

  async #close(): Promise<void> {
    this.context.onClose(this);
    await this.participation.close(this.#requestTimeoutInMs);
    this.#client.closed = true;
    this.#viewChanged();
    this.#ongoing.close();
    this.listeners.close();
  }

  #observer(): EntryGridObserver {
    return {
      received: (from, message) => this.#received(from, message),
      kept: (slot) => this.kept(slot),
      announced: (from) => this.announced(from, this.participants.epoch),
      informed: () => this.#wake(),
      restored: (slot, value) => {
        this.restoredHere(slot);
        this.listeners.tell('restored', (events) =>
          events.emit('restored', this.keyOf(slot), this.codec.decodeValue(value)),
        );
      },
      lost: (slots, { member }) =>
        this.listeners.report('lost', (incidents) =>
          incidents.emit(
            'lost',
            slots.map((slot) => this.keyOf(slot)),
            idOf(member),
          ),
        ),
      conflicted: (slot, kept, other) =>
        this.listeners.report('conflict', (incidents) =>
          incidents.emit('conflict', this.keyOf(slot), idOf(kept.member), idOf(other.member)),
        ),
    };
  }

  #received(from: Participant, message: HamokMessage): void {
    const grid = this.participation.grid;
    if (grid === undefined) return;
    if (message.type === MessageType.GET_ENTRIES_RESPONSE) return this.requests.answered(from, message);
    if (message.type === MessageType.ONGOING_REQUESTS_NOTIFICATION)
      return this.requests.workedOn(from, message.keys.map(decodeText));
    const answered = this.isWhole(message)
      ? this.#gridService.answer(grid, from, message)
      : this.serve(grid, from, message);
    // Whoever asked learns from its stream when this participant ends before it has answered.
    void answered.catch(() => undefined).finally(this.#ongoing.begin(from, message));
  }

  #viewChanged(): void {
    const grid = this.participation.grid;
    this.requests.viewChanged(grid);
    this.viewChanged(grid);
    this.#wake();
  }

  #wake(): void {
    this.informed();
    this.#gridService.wake();
  }
}

const reads: ReadonlySet<MessageType> = new Set([
  MessageType.GET_SIZE_REQUEST,
  MessageType.GET_KEYS_REQUEST,
  MessageType.GET_ENTRIES_REQUEST,
]);

import { MessageType, StorageKind } from '@hamok/messages';
import { EventEmitter } from 'eventemitter3';
import { text } from '../arguments.js';
import { encodeText } from '../bytes/utf8.js';
import { callListeners } from '../call-listeners.js';
import type { Collection, CollectionContext } from '../collection.js';
import type { MemberId } from '../consensus.js';
import { encodeDirect } from '../direct-channel.js';
import { ClosedError, HamokError, OptionError } from '../errors.js';
import { isDone } from '../map/map-results.js';
import { idOf } from '../member-id.js';
import type { CommandInit } from '../replicated/command.js';
import type { CallOptions, SubmitOptions } from '../session/call.js';
import { openCommand, StorageClient } from '../storage-client.js';
import {
  clearCommand,
  metaDataUpdate,
  publication,
  readPublication,
  subscription,
  unsubscription,
  unsubscriptionFromAll,
} from './emitter-commands.js';
import type {
  EventArguments,
  EventListener,
  HamokEmitterEvents,
  HamokEmitterOptions,
  HamokEmitterSnapshot,
  HamokEmitterStats,
} from './emitter-options.js';
import { fromEmitterSnapshot } from './emitter-snapshot.js';
import { type EmitterChange, EmitterState } from './emitter-state.js';
import { EventDelivery } from './event-delivery.js';
import { HamokSubscriptions } from './hamok-subscriptions.js';
import { LocalListeners } from './local-listeners.js';
import { Payloads } from './payloads.js';
import { SubscriptionRenewal } from './subscription-renewal.js';

const forever: SubmitOptions = { timeoutInMs: Number.POSITIVE_INFINITY, reserved: true };

/**
 * Events that reach listeners on every member of the grid that has some.
 *
 * - `publish` puts an event into the log: every member that is subscribed there calls its listeners once, and all members in the
 *   same order, also beside the changes of other collections.
 * - `notify` sends it to the subscribers directly: at once, unordered, and perhaps not at all.
 *
 * Calls that change something reject as those of `HamokMap`. A member's subscriptions end when it leaves the grid; a facade that
 * comes back with it, as another incarnation, subscribes its listeners again. What a listener throws, or rejects with, is
 * reported (`onError`, the `error` event of `Hamok`), and holds nothing up.
 */
export class HamokEmitter<T extends EventArguments<T> = Record<string, unknown[]>, M = Record<string, unknown>>
  implements Collection
{
  readonly id: string;
  readonly kind = StorageKind.EMITTER;
  /** Resolves when the grid knows this emitter. Never rejects unhandled. */
  readonly ready: Promise<this>;
  readonly payloadsCodec: HamokEmitterOptions<T>['payloadsCodec'];
  /** Has no effect: a member that leaves is always unsubscribed. */
  readonly autoClean: boolean | undefined;
  /** Who is subscribed to what, as applied here. */
  readonly subscriptions: HamokSubscriptions<T, M>;
  readonly #context: CollectionContext;
  readonly #client: StorageClient;
  readonly #payloads: Payloads<T, M>;
  readonly #listeners = new LocalListeners();
  readonly #delivery: EventDelivery;
  readonly #renewal: SubscriptionRenewal;
  readonly #events = new EventEmitter<HamokEmitterEvents<T>>();
  readonly #detach: () => void;
  #state: EmitterState | undefined;
  #self: MemberId;
  #sent = 0;

  /** For `Collections`, which makes the emitters. */
  constructor(context: CollectionContext, options: HamokEmitterOptions<T>) {
    const { emitterId, requestTimeoutInMs, payloadsCodec, autoClean } = options;
    this.id = emitterId;
    this.payloadsCodec = payloadsCodec;
    this.autoClean = autoClean;
    this.#context = context;
    this.#self = context.self();
    this.#client = new StorageClient(context, this.id, this.kind, requestTimeoutInMs);
    this.#payloads = new Payloads(options);
    this.subscriptions = new HamokSubscriptions({
      emitterId,
      encode: (metaData) => this.#payloads.encodeMetaData(metaData),
      decode: (metaData) => this.#payloads.decodeMetaData(metaData),
      find: (peerId) => this.#memberOf(peerId),
      submit: (command) => this.#submit(command),
      onError: context.onError,
    });
    const decode = (event: string, payload: Uint8Array) => this.#payloads.decodeArguments(event as never, payload);
    const limitInMs = () => this.#client.limitInMs;
    this.#delivery = new EventDelivery(emitterId, context, this.#listeners, decode, limitInMs);
    this.#renewal = new SubscriptionRenewal(this.#listeners, {
      subscribe: async (event, metaData = this.#payloads.encodeMetaData(null)) =>
        void (await this.#submit(() => subscription(event, metaData), forever)),
      missed: (event, count) => this.#tell('missed', event as keyof T & string, count),
      onError: context.onError,
    });
    this.#detach = context.state.observe(emitterId, (state) =>
      this.#attach(state instanceof EmitterState ? state : undefined),
    );
    this.ready = this.#client.open().then(() => this);
    this.ready.catch(() => undefined);
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  /** Whether nobody is subscribed to anything. */
  get empty(): boolean {
    return this.subscriptions.size === 0;
  }

  get stats(): HamokEmitterStats {
    return {
      numberOfSubscriptions: this.#listeners.size,
      numberOfReceivedEventInvocations: this.#delivery.received,
      numberOfSentEventInvocations: this.#sent,
    };
  }

  /** Listens to what happens to the emitter itself, on this member. */
  on<E extends keyof HamokEmitterEvents<T>>(event: E, listener: (...args: HamokEmitterEvents<T>[E]) => void): this {
    this.#events.on(event, listener as never);
    return this;
  }

  off<E extends keyof HamokEmitterEvents<T>>(event: E, listener: (...args: HamokEmitterEvents<T>[E]) => void): this {
    this.#events.off(event, listener as never);
    return this;
  }

  /**
   * Resolves when this member is subscribed: whatever any member publishes from then on reaches the listener, for the log orders
   * it behind the subscription. The metadata is that of the member for this event: the first subscription sets it.
   */
  async subscribe<K extends keyof T & string>(
    event: K,
    listener: EventListener<T, K>,
    metaData: M | null = null,
    options?: CallOptions,
  ): Promise<void> {
    if (typeof listener !== 'function') throw new OptionError('listener', 'must be a function');
    const added = this.#listeners.add(event, listener);
    const command = () => subscription(event, this.#payloads.encodeMetaData(metaData));
    try {
      await this.#client.submit(
        command,
        (result) => {
          this.#client.accept(result);
          added.active = true;
        },
        options,
      );
    } catch (error) {
      const local = this.#listeners.get(event);
      this.#listeners.delete(event, added);
      // It may still become subscribed, or be so for a listener that went while this one was to stay: what comes behind takes it back.
      const mayBe = local?.metaData !== undefined || (error instanceof HamokError && error.mayHaveHappened);
      if (mayBe && this.#listeners.get(event) === undefined) this.#submitUnheard(unsubscription(event));
      throw error;
    }
  }

  /**
   * The listener is not called any more. Resolves when the grid knows, which need only learn of the last listener that this
   * member has for the event.
   */
  async unsubscribe<K extends keyof T & string>(
    event: K,
    listener: EventListener<T, K>,
    options?: CallOptions,
  ): Promise<void> {
    const found = this.#listeners.find(event, listener);
    if (found !== undefined) this.#listeners.delete(event, found);
    if (this.#listeners.get(event) !== undefined) return;
    if (found !== undefined || this.#isSubscribed(event)) await this.#submit(() => unsubscription(event), options);
  }

  /**
   * Replaces this member's metadata for an event, if `prevMetaData` is left out or is what it is, by its encoded bytes. Resolves
   * with whether it did: not where this member is not subscribed.
   */
  updateSubscriptionMetaData(
    event: keyof T & string,
    newMetaData: M,
    prevMetaData?: M | null,
    options?: CallOptions,
  ): Promise<boolean> {
    const encode = (metaData: M | null) => this.#payloads.encodeMetaData(metaData);
    const expected = () => (prevMetaData === undefined ? undefined : encode(prevMetaData));
    return this.#submit(() => metaDataUpdate(event, encode(newMetaData), expected()), options);
  }

  /**
   * Publishes an event through the log. Resolves, once every subscriber has answered or left, with the ids of the members whose
   * listeners were called. A subscriber that has not answered when `requestTimeoutInMs` have passed since the call is not among
   * them, though it may deliver the event later. One that took over a snapshot instead of the event never does, and says so.
   */
  async publish<K extends keyof T & string>(event: K, ...args: T[K]): Promise<string[]> {
    text('event', event);
    this.#sent++;
    const { own } = this.#delivery;
    const token = own.begin();
    try {
      const { index, subscribers } = await this.#client.submit(
        () => publication(event, token, this.#payloads.encodeArguments(event, args)),
        (result) => readPublication(this.#client.accept(result)),
      );
      return (await own.expect(token, index, subscribers)).map(idOf);
    } catch (error) {
      own.abandon(token);
      throw error;
    }
  }

  /**
   * Sends an event to the members that are subscribed as far as this one knows: lossy, unordered, without an answer. The
   * listeners of this member are called before it returns.
   *
   * @returns whether it was handed to any; false when the emitter is closed
   * @throws CodecError when the arguments cannot be encoded
   */
  notify<K extends keyof T & string>(event: K, ...args: T[K]): boolean {
    if (this.closed) return false;
    this.#sent++;
    const sent = this.#sendToOthers(event, args);
    return this.#delivery.call(event, () => args) || sent;
  }

  /** The same as `notify`. */
  emit<K extends keyof T & string>(event: K, ...args: T[K]): boolean {
    return this.notify(event, ...args);
  }

  /**
   * Whether anybody is subscribed; or this member, with `filterByLocalNode`. It counts every subscription that was made before
   * the call, on any member. Rejects with an `UnavailableError` when the grid does not answer.
   */
  async hasSubscribers(event: keyof T & string, filterByLocalNode = false, options?: CallOptions): Promise<boolean> {
    if (this.closed) throw new ClosedError(`"${this.id}"`);
    await this.#client.catchUp(options);
    return filterByLocalNode ? this.#isSubscribed(event) : this.subscriptions.hasEvent(event);
  }

  /** Unsubscribes whoever is not a member of the grid. Resolves with their ids, or undefined where there is none, as is usual. */
  async cleanup(options?: CallOptions): Promise<ReadonlySet<string> | undefined> {
    const gone = new Set<MemberId>();
    for (const event of this.#state?.events() ?? [])
      for (const member of this.#state?.subscribers(event).keys() ?? [])
        if (!this.#context.state.isMember(member)) gone.add(member);
    if (gone.size === 0) return undefined;
    await this.#submit(() => unsubscriptionFromAll([...gone]), options);
    return new Set(Array.from(gone, idOf));
  }

  /** Unsubscribes this member from everything. Programs of 2.6 do not wait for it: its rejection may be left unhandled. */
  clear(options?: CallOptions): Promise<void> {
    this.#listeners.clear();
    const cleared = this.#submit(() => clearCommand, options).then(() => undefined);
    cleared.catch(() => undefined);
    return cleared;
  }

  /** Who is subscribed to what. @throws CodecError when metadata cannot be decoded here */
  export(): HamokEmitterSnapshot {
    const subscriptions = Array.from(this.subscriptions.entries(), ([event, peers]) => ({
      event,
      subscribers: Array.from(peers, ([peerId, metaData]) => ({ peerId, metaData })),
    }));
    return { emitterId: this.id, subscriptions };
  }

  /**
   * Subscribes the members that a snapshot names, where they are in this grid and not subscribed yet; whoever is not in the grid
   * has nothing to listen with. The id in the snapshot does not matter. Rejects with a `BadSnapshotError` for what is not one.
   */
  async import(snapshot: HamokEmitterSnapshot, options?: CallOptions): Promise<void> {
    const saved = fromEmitterSnapshot(snapshot);
    const { clock } = this.#context;
    const deadline = clock.now() + (options?.timeoutInMs ?? this.#client.limitInMs);
    // When this is applied here, it is known who is in the grid.
    await this.#submit(() => openCommand, options);
    const left = { ...options, timeoutInMs: Math.max(0, deadline - clock.now()) };
    await Promise.all(
      saved.map(async ({ event, peerId, metaData }) => {
        const member = this.#memberOf(peerId);
        if (member === undefined) return;
        await this.#submit(
          () => subscription(event, this.#payloads.encodeMetaData(metaData as M | null), member),
          left,
        );
      }),
    );
  }

  /** Detaches this facade, and unsubscribes this member: its listeners are not called any more. */
  close(): void {
    if (this.#client.closed) return;
    if (this.#listeners.size > 0) this.#submitUnheard(clearCommand);
    this.#client.closed = true;
    this.#listeners.clear();
    this.#detach();
    this.#delivery.close();
    if (this.#state !== undefined) this.#state.observer = undefined;
    this.#context.onClose(this);
    this.#tell('close');
    this.#events.removeAllListeners();
    this.subscriptions.removeAllListeners();
  }

  #attach(state: EmitterState | undefined): void {
    const [before, wasSelf] = [this.#state, this.#self];
    this.#state = state;
    this.#self = this.#context.self();
    this.subscriptions.attach(state);
    if (state === undefined || this.#self !== wasSelf) this.#delivery.beginAnew();
    if (state !== undefined) state.observer = (change) => this.#changed(change);
    this.#renewal.replaced(before, wasSelf, state, this.#self);
  }

  #changed(change: EmitterChange): void {
    if (change.type === 'published') return this.#delivery.deliver(change);
    if (change.type === 'members') return this.#delivery.own.membersChanged();
    const local = change.member === this.#context.self() ? this.#listeners.get(change.event) : undefined;
    if (local !== undefined) local.metaData = change.metaData;
    this.subscriptions.tell(change);
  }

  #sendToOthers<K extends keyof T & string>(event: K, args: T[K]): boolean {
    const self = this.#context.self();
    let frame: Uint8Array | undefined;
    let sent = false;
    for (const member of this.#state?.subscribers(event).keys() ?? []) {
      if (member === self) continue;
      frame ??= encodeDirect({
        type: MessageType.UPDATE_ENTRIES_NOTIFICATION,
        storageId: this.id,
        keys: [encodeText(event)],
        values: [this.#payloads.encodeArguments(event, args)],
      });
      sent = this.#context.channel.sendEncoded(member, frame) || sent;
    }
    return sent;
  }

  #memberOf(peerId: string): MemberId | undefined {
    return this.#context.state.members.find((member) => idOf(member) === peerId);
  }

  #isSubscribed(event: string): boolean {
    return this.#state?.subscribers(event).has(this.#context.self()) === true;
  }

  /** Resolves with whether the command did something. */
  #submit(command: () => CommandInit, options?: SubmitOptions): Promise<boolean> {
    return this.#client.submit(command, (result) => isDone(this.#client.accept(result)), options);
  }

  /** For what the program did not ask for, or cannot wait for. */
  #submitUnheard(command: CommandInit): void {
    this.#submit(() => command, forever).catch(() => undefined);
  }

  #tell<E extends keyof HamokEmitterEvents<T>>(event: E, ...args: HamokEmitterEvents<T>[E]): void {
    callListeners(this.id, event, this.#context.onError, () => this.#events.emit(event, ...(args as never)));
  }
}

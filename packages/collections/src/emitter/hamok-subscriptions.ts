import { callListeners } from '../call-listeners.js';
import { CollectionEmitter } from '../collection-emitter.js';
import type { MemberId } from '../consensus.js';
import type { HamokError } from '../errors.js';
import { idOf } from '../member-id.js';
import type { CommandInit } from '../replicated/command.js';
import { metaDataUpdate, subscription, unsubscription, unsubscriptionFromAll } from './emitter-commands.js';
import type { SubscriptionEvents } from './emitter-options.js';
import type { EmitterChange, EmitterState, Subscription } from './emitter-state.js';

type Event<T> = keyof T & string;

export interface SubscriptionsContext<M> {
  readonly emitterId: string;
  readonly encode: (metaData: M | null) => Uint8Array;
  readonly decode: (metaData: Uint8Array) => M | null;
  /** The member of the grid that has an id. */
  readonly find: (peerId: string) => MemberId | undefined;
  /** Resolves with whether the command did something. */
  readonly submit: (command: () => CommandInit) => Promise<boolean>;
  readonly onError: (error: HamokError) => void;
}

/**
 * Which member is subscribed to which event, as far as it is applied here. Reads are local; what changes a subscription is ordered
 * by the grid, and resolves with whether it changed anything. Events fire on every member, in the order of the changes.
 */
export class HamokSubscriptions<T, M> extends CollectionEmitter<SubscriptionEvents<T, M>> {
  readonly #context: SubscriptionsContext<M>;
  #state: EmitterState | undefined;

  /** For `HamokEmitter`, which makes it. */
  constructor(context: SubscriptionsContext<M>) {
    super();
    this.#context = context;
  }

  /** How many events have subscribers. */
  get size(): number {
    return this.#state?.size ?? 0;
  }

  hasEvent(event: Event<T>): boolean {
    return (this.#state?.subscribers(event).size ?? 0) > 0;
  }

  hasPeerOnEvent(event: Event<T>, peerId: string): boolean {
    return this.getPeerIds(event).has(peerId);
  }

  /** The subscribers of an event, each with its metadata. @throws CodecError when metadata cannot be decoded here */
  getEventPeersMap(event: Event<T>): ReadonlyMap<string, M | null> {
    const peers = new Map<string, M | null>();
    for (const [member, { metaData }] of this.#subscribers(event))
      peers.set(idOf(member), this.#context.decode(metaData));
    return peers;
  }

  getPeerIds(event: Event<T>): ReadonlySet<string> {
    return new Set(Array.from(this.#subscribers(event), ([member]) => idOf(member)));
  }

  getAllPeerIds(): ReadonlySet<string> {
    const peerIds = new Set<string>();
    for (const event of this.events()) for (const peerId of this.getPeerIds(event)) peerIds.add(peerId);
    return peerIds;
  }

  /** The events that have subscribers. */
  *events(): IterableIterator<Event<T>> {
    for (const event of this.#state?.events() ?? []) yield event as Event<T>;
  }

  *entries(): IterableIterator<[event: Event<T>, peers: ReadonlyMap<string, M | null>]> {
    for (const event of this.events()) yield [event, this.getEventPeersMap(event)];
  }

  /** Subscribes a member of the grid, whether or not it has listeners. */
  addPeer(event: Event<T>, peerId: string, metaData: M | null = null): Promise<boolean> {
    const { encode } = this.#context;
    return this.#submit(peerId, (member) => subscription(event, encode(metaData), member));
  }

  /** Replaces a subscriber's metadata, if `previous` is left out or is what it has. */
  updatePeer(event: Event<T>, peerId: string, metaData: M, previous?: M | null): Promise<boolean> {
    const { encode } = this.#context;
    const expected = () => (previous === undefined ? undefined : encode(previous));
    return this.#submit(peerId, (member) => metaDataUpdate(event, encode(metaData), expected(), member));
  }

  removePeer(event: Event<T>, peerId: string): Promise<boolean> {
    return this.#submit(peerId, (member) => unsubscription(event, member));
  }

  removePeerFromAllEvent(peerId: string): Promise<boolean> {
    return this.#submit(peerId, (member) => unsubscriptionFromAll([member]));
  }

  /** For `HamokEmitter`. */
  attach(state: EmitterState | undefined): void {
    this.#state = state;
  }

  /** For `HamokEmitter`: tells listeners what changed. */
  tell(change: Exclude<EmitterChange, { type: 'published' | 'members' }>): void {
    if (this.listenerCount(change.type) === 0) return;
    const { emitterId, decode, onError } = this.#context;
    const event = change.event as Event<T>;
    const peerId = idOf(change.member);
    callListeners(emitterId, change.type, onError, () => {
      const metaData = decode(change.metaData);
      if (change.type === 'updated') this.emit('updated', event, peerId, metaData, decode(change.before));
      else this.emit(change.type, event, peerId, metaData);
    });
  }

  /** Nothing is to be done for who is not in the grid. */
  #submit(peerId: string, command: (member: MemberId) => CommandInit): Promise<boolean> {
    const member = this.#context.find(peerId);
    return member === undefined ? Promise.resolve(false) : this.#context.submit(() => command(member));
  }

  #subscribers(event: string): Iterable<[MemberId, Subscription]> {
    return this.#state?.subscribers(event) ?? [];
  }
}

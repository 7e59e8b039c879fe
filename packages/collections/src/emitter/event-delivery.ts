import { MessageType } from '@hamok/messages';
import { decodeText } from '../bytes/utf8.js';
import { callListeners } from '../call-listeners.js';
import type { CollectionContext } from '../collection.js';
import type { MemberId } from '../consensus.js';
import type { DirectMessage } from '../direct-channel.js';
import { CodecError, ListenerError } from '../errors.js';
import { DeliveredEvents } from './delivered-events.js';
import { Deliveries } from './deliveries.js';
import { deliveryAnswer, deliveryQuestion, readDelivery } from './delivery-messages.js';
import type { PublishedEvent } from './emitter-state.js';
import type { LocalListeners } from './local-listeners.js';

/** Calls the listeners of this member, and tells publishers what became of their events. */
export class EventDelivery {
  /** Events that listeners were called with. */
  received = 0;
  /** What this member published itself. */
  readonly own: Deliveries;
  readonly #outcomes = new DeliveredEvents();
  readonly #stopListening: () => void;

  constructor(
    private readonly emitterId: string,
    private readonly context: CollectionContext,
    private readonly listeners: LocalListeners,
    /** @throws CodecError */
    private readonly decode: (event: string, payload: Uint8Array) => readonly unknown[],
    limitInMs: () => number,
  ) {
    const { clock, channel, state } = context;
    this.own = new Deliveries({
      clock,
      limitInMs,
      isMember: (member) => state.isMember(member),
      ask: (member, token, index) => void channel.send(member, deliveryQuestion(emitterId, token, index)),
    });
    this.#stopListening = channel.listen(emitterId, (from, message) => this.#receive(from, message));
  }

  /**
   * An event in its place in the log. A listener alone does not make a subscriber: a member that returns as another incarnation
   * applies what it was told before, as one that was not subscribed yet.
   */
  deliver({ event, publisher, token, index, payload, subscribers }: PublishedEvent): void {
    const self = this.context.self();
    if (!subscribers.includes(self)) return;
    const delivered = this.call(event, () => this.decode(event, payload));
    this.#outcomes.add(index, delivered);
    if (publisher === self) this.own.answer(token, self, index, delivered);
    else this.context.channel.send(publisher, deliveryAnswer(this.emitterId, token, index, delivered));
  }

  /** Whether there was a listener to call with the arguments. */
  call(event: string, decode: () => readonly unknown[]): boolean {
    const listeners = this.listeners.get(event)?.active ?? [];
    if (listeners.length === 0) return false;
    const { onError } = this.context;
    let args: readonly unknown[];
    try {
      args = decode();
    } catch (error) {
      onError(error instanceof CodecError ? error : new CodecError(`"${event}" cannot be decoded`, { cause: error }));
      return false;
    }
    this.received++;
    const report = (error: unknown) => onError(new ListenerError(this.emitterId, event, error));
    for (const { listener } of listeners) {
      callListeners(this.emitterId, event, onError, () => {
        const returned = listener(...(args as never[]));
        if (returned instanceof Promise) returned.catch(report);
      });
    }
    return true;
  }

  /** This member begins anew as another incarnation, perhaps in another grid: it delivered nothing there. */
  beginAnew(): void {
    this.#outcomes.clear();
  }

  close(): void {
    this.#stopListening();
    this.own.close();
  }

  #receive(from: MemberId, message: DirectMessage): void {
    const delivery = readDelivery(message);
    if (message.type === MessageType.UPDATE_ENTRIES_NOTIFICATION) this.#notified(message);
    else if (delivery === undefined) return;
    else if (message.type === MessageType.UPDATE_ENTRIES_RESPONSE)
      this.own.answer(delivery.token, from, delivery.index, message.success === true);
    else if (message.type === MessageType.EVENT_DELIVERY_REQUEST) this.#answer(from, delivery.token, delivery.index);
  }

  #notified({ keys: [event], values: [payload] }: DirectMessage): void {
    if (event === undefined || payload === undefined) return;
    const name = decodeText(event);
    this.call(name, () => this.decode(name, payload));
  }

  /** What is not applied here yet may still be delivered. What is, and was not met, was skipped by way of a snapshot. */
  #answer(from: MemberId, token: string, index: number): void {
    const outcome = this.#outcomes.get(index) ?? (this.context.applied() >= index ? false : undefined);
    if (outcome !== undefined) this.context.channel.send(from, deliveryAnswer(this.emitterId, token, index, outcome));
  }
}

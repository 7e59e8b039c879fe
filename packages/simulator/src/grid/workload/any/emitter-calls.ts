import { MessageType } from '@hamok/messages';
import { Violation } from '../../../invariants/invariant.js';
import type { Process } from '../../world/process.js';
import { anyEmitterOf } from '../collections.js';
import { type Caller, json, type Made, silent } from './made.js';

const events = ['tick', 'tock'] as const;

type Listener = (value: string) => void;

/** Subscribes, says and hears. What is heard was said. */
export class EmitterCalls {
  readonly #listeners = new WeakMap<Process, Listener[]>();
  readonly #said = new Set<string>();

  call({ process, random, options, values }: Caller): Made {
    const emitter = anyEmitterOf(process);
    const { subscriptions } = emitter;
    const event = random.pick(events) ?? 'tick';
    const { peerId = '' } = random.pick(process.world.running) ?? {};
    const value = values.next();
    const listener = random.pick(this.#listeners.get(process) ?? []) ?? this.#listenerOf(process);
    const subscribing = { type: MessageType.INSERT_ENTRIES_REQUEST, keys: [event], values: [json(value)] };
    const changing = { ...subscribing, type: MessageType.UPDATE_ENTRIES_REQUEST };
    const calls: readonly (() => Made)[] = [
      () => [
        `subscribe(${event}, ${value})`,
        silent(emitter.subscribe(event, this.#listenerOf(process), value, options)),
        options,
        subscribing,
      ],
      () => [
        `subscribe(${event}) again`,
        silent(emitter.subscribe(event, listener, null, options)),
        options,
        { ...subscribing, values: ['null'] },
      ],
      () => [`unsubscribe(${event})`, silent(emitter.unsubscribe(event, listener, options))],
      () => [
        `update(${event}, ${value})`,
        emitter.updateSubscriptionMetaData(event, value, undefined, options),
        options,
        changing,
      ],
      () => [
        `update(${event}, ${value}) if`,
        emitter.updateSubscriptionMetaData(event, value, null, options),
        options,
        { ...changing, prevValue: 'null' },
      ],
      () => [`addPeer(${event}, ${peerId})`, subscriptions.addPeer(event, peerId, value), {}],
      () => [`updatePeer(${event}, ${peerId})`, subscriptions.updatePeer(event, peerId, value), {}],
      () => [`removePeer(${event}, ${peerId})`, subscriptions.removePeer(event, peerId), {}],
      () => [`removePeer(${peerId})`, subscriptions.removePeerFromAllEvent(peerId), {}],
      () => ['clear()', emitter.clear(options), options, { type: MessageType.CLEAR_ENTRIES_REQUEST }],
      () => ['import(export())', emitter.import(emitter.export(), options)],
      () => [`hasSubscribers(${event})`, emitter.hasSubscribers(event, random.chance(0.5), options)],
      () => [`publish(${event}, ${value})`, this.#say(value, () => emitter.publish(event, value)), {}],
      () => [`publish(${event}, ${value})`, this.#say(value, () => emitter.publish(event, value)), {}],
      () => [`notify(${event}, ${value})`, this.#say(value, async () => emitter.notify(event, value))],
    ];
    return random.pick(calls)?.() ?? ['nothing', Promise.resolve()];
  }

  #say<Result>(value: string, say: () => Promise<Result>): Promise<Result> {
    this.#said.add(value);
    return say();
  }

  #listenerOf(process: Process): Listener {
    const listener = (value: string): void => {
      if (this.#said.has(value)) return;
      process.world.violate(new Violation('an event once, in one order', `${process.name} heard ${value} of nobody`));
    };
    this.#listeners.set(process, [...(this.#listeners.get(process) ?? []), listener]);
    return listener;
  }
}

import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** What one process did with the events of an emitter in one grid. */
interface Subscriber {
  readonly gridId: string;
  readonly name: string;
  readonly delivered: Set<number>;
  /** The stretches of the log that it applied while it was certainly subscribed. */
  readonly stretches: { from: number; to: number }[];
  isSubscribed: boolean;
}

/** Who delivered an event. */
interface Deliverer {
  readonly process: Process;
  readonly member: string | undefined;
}

/**
 * A published event has one place in the log. Whoever is subscribed there and applies it delivers it, once, and everyone delivers
 * the same; nobody is said to have delivered what he did not, and whoever did and stays is named.
 */
export class Deliveries implements GridInvariant {
  readonly name = 'an event once, in one order';
  readonly source = 'architecture: "an emitter\'s events in one order and once each"; HamokEmitter.publish';
  readonly #places = new Map<string, Map<string, number>>();
  readonly #published = new Map<string, Map<number, string>>();
  /** When each event was first delivered, in virtual time. */
  readonly #deliveredAt = new Map<string, number>();
  /** Who delivered each event, by id, and as whom. */
  readonly #deliveredBy = new Map<string, Map<string, Deliverer>>();
  /** Of the events whose publishers were told of all who deliver them: these. */
  readonly #named = new Map<string, readonly string[]>();
  readonly #current = new WeakMap<Process, Subscriber>();
  readonly #all: Subscriber[] = [];

  /** The subscription was confirmed. */
  subscribed(process: Process): void {
    const subscriber = this.#of(process);
    if (subscriber) subscriber.isSubscribed = true;
  }

  unsubscribing(process: Process): void {
    const subscriber = this.#of(process);
    if (subscriber) subscriber.isSubscribed = false;
  }

  delivered(process: Process, value: string): void {
    const subscriber = this.#of(process);
    if (!subscriber || !process.core) return;
    // Listeners are called before the entry counts as applied.
    const index = process.core.log.appliedIndex + 1;
    const { gridId, delivered, name } = subscriber;
    const place = inner(this.#places, gridId);
    const first = place.get(value) ?? index;
    if (first !== index) throw new Violation(this.name, `${name} delivered ${value} of ${index}, which is at ${first}`);
    place.set(value, index);
    const published = inner(this.#published, gridId);
    const other = published.get(index) ?? value;
    if (other !== value) throw new Violation(this.name, `${name} delivered ${value} at ${index}, others ${other}`);
    published.set(index, value);
    if (!this.#deliveredAt.has(value)) this.#deliveredAt.set(value, process.world.queue.now);
    if (delivered.has(index)) throw new Violation(this.name, `${name} delivered ${value} twice`);
    delivered.add(index);
    this.heard(process, value);
  }

  /** Some listener there was called. */
  heard(process: Process, value: string): void {
    const { peerId, member } = process;
    inner(this.#deliveredBy, value).set(peerId, { process, member });
  }

  /** The publisher was told that these members delivered it; all of those that do, unless its time, or its membership, was over. */
  acknowledged(value: string, peerIds: readonly string[], isComplete: boolean): void {
    if (isComplete) this.#named.set(value, peerIds);
    for (const peerId of peerIds)
      if (this.#deliveredBy.get(value)?.has(peerId) !== true)
        throw new Violation(this.name, `${peerId} is said to have delivered ${value}, and did not`);
  }

  onRejoin(process: Process): void {
    this.unsubscribing(process);
  }

  onApplied(process: Process, { index }: { readonly index: number }): void {
    const subscriber = this.#current.get(process);
    if (!subscriber?.isSubscribed || process.isClosed) return;
    const stretch = subscriber.stretches.at(-1);
    if (stretch?.to === index - 1) stretch.to = index;
    else subscriber.stretches.push({ from: index, to: index });
  }

  onEnd(): void {
    for (const [value, peerIds] of this.#named)
      for (const [peerId, { process, member }] of inner(this.#deliveredBy, value))
        if (!peerIds.includes(peerId) && !process.isDead && process.member === member)
          throw this.#violation(`${peerId} delivered ${value}, and the publisher was told [${peerIds}]`, value);
    for (const { gridId, stretches, delivered, name } of this.#all)
      for (const [index, value] of inner(this.#published, gridId)) {
        const stretch = stretches.find(({ from, to }) => from < index && index <= to);
        if (!stretch || delivered.has(index)) continue;
        const since = `${name} is subscribed, and was when it applied ${stretch.from} to ${stretch.to}`;
        throw this.#violation(`${since}, but did not deliver ${value} of ${index}`, value);
      }
  }

  #violation(message: string, value: string): Violation {
    return new Violation(this.name, message, this.#deliveredAt.get(value));
  }

  #of(process: Process): Subscriber | undefined {
    const known = this.#current.get(process);
    const { gridId, name } = process;
    if (known?.gridId === gridId || gridId === undefined) return known;
    const subscriber = { gridId, name, delivered: new Set<number>(), stretches: [], isSubscribed: false };
    this.#current.set(process, subscriber);
    this.#all.push(subscriber);
    return subscriber;
  }
}

function inner<K, V>(outer: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const map = outer.get(key) ?? new Map<K, V>();
  outer.set(key, map);
  return map;
}

import { Violation } from '../../invariants/invariant.js';
import type { SeededRandom } from '../../random.js';
import type { Deliveries } from '../invariants/deliveries.js';
import type { MissedEvents } from '../invariants/missed-events.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { follow } from './calls.js';
import type { Client } from './client.js';
import { emitterOf } from './collections.js';
import { served } from './served.js';
import type { Values } from './values.js';

/** How long a publisher waits for subscribers at most (ms). */
const patienceOfPublishers = 5000;

/** Publishes events, and has listeners come and go. */
export class EmitterClient implements Client {
  readonly weight = 2;
  readonly #listeners = new WeakMap<Process, (value: string) => void>();

  constructor(
    private readonly values: Values,
    private readonly deliveries: Deliveries,
    private readonly missed: MissedEvents,
  ) {}

  get #watching(): readonly (Deliveries | MissedEvents)[] {
    return [this.deliveries, this.missed];
  }

  call(process: Process, random: SeededRandom): Promise<unknown> {
    const listener = this.#listeners.get(process);
    if (!listener) return this.#subscribe(process);
    const choice = random.next();
    if (choice < 0.05) return this.#unsubscribe(process, listener);
    return choice < 0.15 ? this.#visit(process) : this.#publish(process);
  }

  /** Whoever left is subscribed to nothing. */
  async settle(world: World): Promise<void> {
    for (const process of world.running) {
      const gone = await served(process, 'cleanup', follow(process, 'cleanup', emitterOf(process).cleanup()));
      if (gone) throw new Violation('subscriptions end with membership', `${[...gone]} are no members any more`);
    }
  }

  async #subscribe(process: Process): Promise<void> {
    const listener = (value: string): void => process.world.check(() => this.deliveries.delivered(process, value));
    this.#listeners.set(process, listener);
    const ending = await follow(process, 'subscribe', emitterOf(process).subscribe('tick', listener));
    if (this.#listeners.get(process) !== listener) return;
    if (ending.type === 'acknowledged') for (const invariant of this.#watching) invariant.subscribed(process);
    else this.#listeners.delete(process);
  }

  async #unsubscribe(process: Process, listener: (value: string) => void): Promise<void> {
    this.#listeners.delete(process);
    for (const invariant of this.#watching) invariant.unsubscribing(process);
    await follow(process, 'unsubscribe', emitterOf(process).unsubscribe('tick', listener));
  }

  /** Another listener comes and goes: the first one goes on to hear. */
  async #visit(process: Process): Promise<void> {
    const visitor = (value: string): void => this.deliveries.heard(process, value);
    const emitter = emitterOf(process);
    const { type } = await follow(process, 'subscribe', emitter.subscribe('tick', visitor));
    if (type === 'acknowledged') await follow(process, 'unsubscribe', emitter.unsubscribe('tick', visitor));
  }

  async #publish(process: Process): Promise<void> {
    const value = this.values.next();
    const { world, clock, member } = process;
    const began = clock.now();
    const ending = await follow(process, `publish(${value})`, emitterOf(process).publish('tick', value));
    const isOver = process.isClosed || process.member !== member || clock.now() - began >= patienceOfPublishers;
    if (ending.type === 'acknowledged') world.check(() => this.deliveries.acknowledged(value, ending.result, !isOver));
  }
}

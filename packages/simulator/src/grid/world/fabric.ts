import type { SeededRandom } from '../../random.js';
import type { EventQueue } from '../../world/event-queue.js';
import { Network, type Parcel } from '../../world/network.js';
import type { Endpoint } from './endpoint.js';
import type { Process } from './process.js';

/** A frame on its way. Links are cut between hosts, so that a process that restarts is on the same side as before. */
export interface Frame extends Parcel {
  readonly receiver: Process;
  readonly bytes: Uint8Array;
}

/** How many of the last frames of each process are remembered, to arrive again when it is dead; how often, and by when (ms). */
const remembered = 8;
const repetitions = 3;
const lateBy = 6000;
const connectWithin = 30;
const retryAfter = 200;
/** Some connections break at once, others are only found to be broken. */
const brokenAfter = [1, 40, 1500];

/** What connects the processes of a simulation. */
export class Fabric {
  readonly network: Network<Frame>;
  readonly #open = new Set<Endpoint>();
  readonly #last = new WeakMap<Process, Frame[]>();

  constructor(
    readonly queue: EventQueue,
    readonly random: SeededRandom,
    readonly deliver: (frame: Frame) => void,
  ) {
    this.network = new Network<Frame>(queue, random.fork(), deliver);
  }

  send(sender: Process, receiver: Process, bytes: Uint8Array): void {
    const frame = { from: sender.host, to: receiver.host, receiver, bytes };
    const last = this.#last.get(sender) ?? [];
    this.#last.set(sender, last);
    if (last.push(frame) > remembered) last.shift();
    this.network.send(frame);
  }

  /** The last frames of a process arrive again, now and then, when another may have its place. */
  repeat(sender: Process): void {
    for (const frame of this.#last.get(sender) ?? []) {
      for (let times = 0; times < repetitions; times++)
        this.queue.after(this.random.between(0, lateBy), () => this.deliver(frame));
    }
  }

  opened(endpoint: Endpoint): void {
    for (const other of this.#open) {
      this.#connect(endpoint, other, this.random.between(0, connectWithin));
      this.#connect(other, endpoint, this.random.between(0, connectWithin));
    }
    this.#open.add(endpoint);
  }

  closed(endpoint: Endpoint): void {
    this.#open.delete(endpoint);
    for (const other of this.#open) {
      const delay = this.random.pick(brokenAfter) ?? 0;
      this.queue.after(delay, () => other.owner.act(() => other.disconnect(endpoint.owner)));
    }
  }

  #connect(from: Endpoint, to: Endpoint, delay: number): void {
    this.queue.after(delay, () => {
      if (!from.isOpen || !to.isOpen) return;
      const [a, b] = [from.owner.host, to.owner.host];
      if (this.network.isCut(a, b) || this.network.isCut(b, a)) this.#connect(from, to, retryAfter);
      else from.owner.act(() => from.connect(to.owner));
    });
  }
}

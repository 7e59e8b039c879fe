import type { SeededRandom } from '../random.js';
import type { EventQueue } from './event-queue.js';
import { Links } from './links.js';

/** How a network treats messages. Probabilities in [0, 1], delays in ms. */
export interface NetworkNoise {
  readonly loss: number;
  readonly duplication: number;
  readonly minDelay: number;
  readonly maxDelay: number;
  /** Chance of a delay ten times as long as `maxDelay`, so that messages overtake each other by far. */
  readonly straggling: number;
  /** Messages of one link stay in order, as on TCP. */
  readonly fifo: boolean;
}

export function describeNoise({ loss, duplication, maxDelay }: NetworkNoise): string {
  const percent = (part: number): string => `${Math.round(part * 100)} %`;
  return `loses ${percent(loss)} and doubles ${percent(duplication)}, up to ${Math.round(maxDelay)} ms late`;
}

export const calm: NetworkNoise = {
  loss: 0,
  duplication: 0,
  minDelay: 0.5,
  maxDelay: 2,
  straggling: 0,
  fifo: true,
};

export interface NetworkCounters {
  sent: number;
  lost: number;
  duplicated: number;
  delayed: number;
  reordered: number;
  cut: number;
}

/** What travels, and between whom. */
export interface Parcel {
  readonly from: string;
  readonly to: string;
}

/** Links between members, each direction of its own. */
export class Network<P extends Parcel> {
  noise: NetworkNoise = calm;
  /** Whether a cut also takes what is on its way already; otherwise that may arrive long after. */
  dropsInFlight = true;
  readonly counters: NetworkCounters = { sent: 0, lost: 0, duplicated: 0, delayed: 0, reordered: 0, cut: 0 };
  /** How many faults cut each direction: it carries again when the last is repaired. */
  readonly #cuts = new Links<number>();
  readonly #lastArrival = new Links<number>();

  constructor(
    readonly queue: EventQueue,
    readonly random: SeededRandom,
    readonly deliver: (message: P) => void,
    readonly dropped: (message: P) => void = () => {},
  ) {}

  /** Cuts one direction. */
  cut(from: string, to: string): void {
    this.#cuts.set(from, to, (this.#cuts.get(from, to) ?? 0) + 1);
  }

  mend(from: string, to: string): void {
    const left = (this.#cuts.get(from, to) ?? 0) - 1;
    if (left > 0) this.#cuts.set(from, to, left);
    else this.#cuts.delete(from, to);
  }

  mendAll(): void {
    this.#cuts.clear();
  }

  /** Nothing is cut, and nothing new waits behind what a storm still holds back. */
  heal(): void {
    this.mendAll();
    this.noise = calm;
    this.#lastArrival.clear();
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.get(from, to) !== undefined;
  }

  send(message: P): void {
    this.counters.sent++;
    if (this.isCut(message.from, message.to)) {
      this.counters.cut++;
      this.dropped(message);
    } else if (this.random.chance(this.noise.loss)) {
      this.counters.lost++;
      this.dropped(message);
    } else {
      this.#carry(message);
      if (this.random.chance(this.noise.duplication)) {
        this.counters.duplicated++;
        this.#carry(message);
      }
    }
  }

  #carry(message: P): void {
    const { minDelay, maxDelay, straggling, fifo } = this.noise;
    let delay = this.random.between(minDelay, maxDelay);
    if (this.random.chance(straggling)) {
      this.counters.delayed++;
      delay *= 10;
    }
    const { from, to } = message;
    const last = this.#lastArrival.get(from, to) ?? 0;
    let arrival = this.queue.now + delay;
    if (arrival < last) {
      if (fifo) arrival = last;
      else this.counters.reordered++;
    }
    this.#lastArrival.set(from, to, Math.max(last, arrival));
    this.queue.after(arrival - this.queue.now, () => {
      if (!this.dropsInFlight || !this.isCut(from, to)) return this.deliver(message);
      this.counters.cut++;
      this.dropped(message);
    });
  }
}

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

interface Direction {
  /** How many faults cut it: it carries again when the last is repaired. */
  cuts: number;
  lastArrival: number;
}

/** Links between members, each direction of its own. */
export class Network<P extends Parcel> {
  noise: NetworkNoise = calm;
  /** Whether a cut also takes what is on its way already; otherwise that may arrive long after. */
  dropsInFlight = true;
  readonly counters: NetworkCounters = { sent: 0, lost: 0, duplicated: 0, delayed: 0, reordered: 0, cut: 0 };
  readonly #directions = new Links<Direction>();

  constructor(
    readonly queue: EventQueue,
    readonly random: SeededRandom,
    readonly deliver: (message: P) => void,
    readonly dropped: (message: P) => void = () => {},
  ) {}

  /** Cuts one direction. */
  cut(from: string, to: string): void {
    this.#direction(from, to).cuts++;
  }

  mend(from: string, to: string): void {
    const direction = this.#direction(from, to);
    direction.cuts = Math.max(0, direction.cuts - 1);
  }

  mendAll(): void {
    for (const direction of this.#directions.values()) direction.cuts = 0;
  }

  /** Nothing is cut, and nothing new waits behind what a storm still holds back. */
  heal(): void {
    this.mendAll();
    this.noise = calm;
    for (const direction of this.#directions.values()) direction.lastArrival = 0;
  }

  isCut(from: string, to: string): boolean {
    return this.#direction(from, to).cuts > 0;
  }

  #direction(from: string, to: string): Direction {
    const known = this.#directions.get(from, to);
    if (known) return known;
    const direction: Direction = { cuts: 0, lastArrival: 0 };
    this.#directions.set(from, to, direction);
    return direction;
  }

  send(message: P): void {
    this.counters.sent++;
    const direction = this.#direction(message.from, message.to);
    if (direction.cuts > 0) {
      this.counters.cut++;
      this.dropped(message);
    } else if (this.random.chance(this.noise.loss)) {
      this.counters.lost++;
      this.dropped(message);
    } else {
      this.#carry(message, direction);
      if (this.random.chance(this.noise.duplication)) {
        this.counters.duplicated++;
        this.#carry(message, direction);
      }
    }
  }

  #carry(message: P, direction: Direction): void {
    const { minDelay, maxDelay, straggling, fifo } = this.noise;
    let delay = this.random.between(minDelay, maxDelay);
    if (this.random.chance(straggling)) {
      this.counters.delayed++;
      delay *= 10;
    }
    const last = direction.lastArrival;
    let arrival = this.queue.now + delay;
    if (arrival < last) {
      if (fifo) arrival = last;
      else this.counters.reordered++;
    }
    direction.lastArrival = Math.max(last, arrival);
    this.queue.after(arrival - this.queue.now, () => {
      if (!this.dropsInFlight || direction.cuts === 0) return this.deliver(message);
      this.counters.cut++;
      this.dropped(message);
    });
  }
}

import type { MemberId } from '../consensus.js';
import { Fifo } from '../fifo.js';

/** What somebody asks of the queue. A ticket is given once, to one member, for at most one item. */
export interface Waiter {
  readonly ticket: number;
  readonly member: MemberId;
  /** For how long an item is held, in ms of log time; 0 for who wants to pop. */
  readonly leaseInMs: number;
  /** After how many deliveries an item that comes back is a dead letter; 0: never. */
  readonly maxDeliveries: number;
}

const compactAbove = 64;

/** Who waits for an item, first come, first served. */
export class Waiters {
  readonly #byTicket = new Map<number, Waiter>();
  /** Those who gave up are still in it, until they are many. */
  #order = new Fifo<Waiter>();

  get size(): number {
    return this.#byTicket.size;
  }

  get(ticket: number): Waiter | undefined {
    return this.#byTicket.get(ticket);
  }

  push(waiter: Waiter): void {
    this.#byTicket.set(waiter.ticket, waiter);
    this.#order.push(waiter);
  }

  shift(): Waiter | undefined {
    for (;;) {
      const waiter = this.#order.shift();
      if (waiter === undefined || this.#byTicket.delete(waiter.ticket)) return waiter;
    }
  }

  delete(ticket: number): boolean {
    const found = this.#byTicket.delete(ticket);
    if (found && this.#order.length > compactAbove + 2 * this.#byTicket.size) this.#compact();
    return found;
  }

  /** A copy, in order. */
  toArray(): Waiter[] {
    return Array.from(this.#byTicket.values());
  }

  #compact(): void {
    this.#order = new Fifo();
    for (const waiter of this.#byTicket.values()) this.#order.push(waiter);
  }
}

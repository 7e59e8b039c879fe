import type { MemberId } from '../consensus.js';
import { Deadlines, type Timed } from '../replicated/deadlines.js';
import type { QueueItem } from './queue-item.js';
import type { Waiter } from './waiters.js';

/** An item in the hands of a member, which loses it at the deadline. */
export class Lease implements Timed {
  deadline = Number.POSITIVE_INFINITY;
  place = -1;

  constructor(
    readonly holder: Waiter,
    readonly item: QueueItem,
    /** When the item is lost to its holder, in ms of log time. Never changed: who holds it longer has another lease. */
    readonly until: number,
  ) {}

  /** Handed over to a member that asked to pop, and has not said yet that it got it. */
  get isHandover(): boolean {
    return this.holder.leaseInMs === 0;
  }
}

/** The items that are held, by the tickets under which they are. */
export class Leases {
  readonly #byTicket = new Map<number, Lease>();
  readonly #deadlines = new Deadlines<Lease>((a, b) => a.holder.ticket < b.holder.ticket);

  get size(): number {
    return this.#byTicket.size;
  }

  get earliest(): number {
    return this.#deadlines.earliest;
  }

  get(ticket: number): Lease | undefined {
    return this.#byTicket.get(ticket);
  }

  add(holder: Waiter, item: QueueItem, deadline: number): void {
    const lease = new Lease(holder, item, deadline);
    this.#byTicket.set(holder.ticket, lease);
    this.#deadlines.set(lease, deadline);
  }

  /** It keeps its place among the others. */
  extend(lease: Lease, deadline: number): void {
    this.#deadlines.delete(lease);
    this.add(lease.holder, lease.item, deadline);
  }

  delete(lease: Lease): void {
    this.#byTicket.delete(lease.holder.ticket);
    this.#deadlines.delete(lease);
  }

  due(time: number): Lease | undefined {
    return this.#deadlines.due(time);
  }

  /** What is held by others than these is lost to them at once. */
  retain(members: ReadonlySet<MemberId>): void {
    for (const lease of this.#byTicket.values()) if (!members.has(lease.holder.member)) this.extend(lease, 0);
  }

  clear(): void {
    this.#byTicket.clear();
    this.#deadlines.clear();
  }

  /** A copy, in the order in which they were given. */
  toArray(): Lease[] {
    return Array.from(this.#byTicket.values());
  }
}

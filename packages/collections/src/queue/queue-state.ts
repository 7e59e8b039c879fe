import { MessageType, StorageKind } from '@hamok/messages';
import type { ByteReader } from '../bytes/byte-reader.js';
import { retained } from '../bytes/byte-string.js';
import type { MemberId } from '../consensus.js';
import type { StorageCommand } from '../replicated/command.js';
import type { Result } from '../replicated/result.js';
import type { LogPosition, StateCut, StorageState } from '../replicated/storage-state.js';
import { DedupMemory } from './dedup-memory.js';
import { DelayedItems } from './delayed-items.js';
import { type Lease, Leases } from './leases.js';
import type { QueueItem } from './queue-item.js';
import { cutQueue, readQueueRecord } from './queue-records.js';
import { givenItem, ticketOnly } from './queue-results.js';
import { ReadyItems } from './ready-items.js';
import { type Waiter, Waiters } from './waiters.js';

export type QueueChange =
  | { readonly type: 'add' | 'remove' | 'dead-letter'; readonly item: QueueItem }
  | { readonly type: 'empty' | 'not-empty' }
  /** Somebody who waited was given an item. */
  | { readonly type: 'serve'; readonly holder: Waiter; readonly item: QueueItem };

export type QueueObserver = (changes: readonly QueueChange[]) => void;

/** How long a member that waited to pop has to say that it got the item, before the next one gets it. In ms of log time. */
const handoverInMs = 10_000;

/**
 * A replicated queue of bytes. An item is ready, delayed, held by a member under a ticket, or a dead letter. While somebody waits, no item is
 * ready. What is popped is gone; who waited to pop holds the item until it says that it got it, so that a member that is
 * gone by then has taken nothing.
 */
export class QueueState implements StorageState {
  readonly kind = StorageKind.QUEUE;
  observer: QueueObserver | undefined;
  readonly ready = new ReadyItems();
  readonly delayed = new DelayedItems();
  readonly leases = new Leases();
  readonly waiters = new Waiters();
  readonly remembered = new DedupMemory();
  deadLetters: QueueItem[] = [];
  /** The position of the next item that is pushed: how many were. */
  nextPosition = 0;
  /** The position of the last item that was put back at the head. */
  headPosition = 0;
  nextTicket = 1;
  #changes: QueueChange[] = [];
  #wasEmpty = true;

  get size(): number {
    return this.ready.length + this.delayed.size + this.leases.size;
  }

  get nextDeadline(): number {
    return Math.min(this.leases.earliest, this.delayed.earliest, this.remembered.earliest);
  }

  apply(command: StorageCommand, at: LogPosition): Result {
    const result = this.#carryOut(command, at);
    this.#serve(at);
    return result;
  }

  expireNext(at: LogPosition): void {
    const next = this.nextDeadline;
    if (next === this.leases.earliest) {
      const lease = this.leases.due(at.time);
      if (lease !== undefined) this.#return(lease, 0, at);
    } else if (next === this.delayed.earliest) {
      const item = this.delayed.take(at.time);
      if (item !== undefined) this.#offer(item);
    } else {
      this.remembered.forgetOne(at.time);
    }
    this.#serve(at);
  }

  membersChanged(members: ReadonlySet<MemberId>): void {
    for (const { ticket, member } of this.waiters.toArray()) if (!members.has(member)) this.waiters.delete(ticket);
    this.leases.retain(members);
  }

  publish(): void {
    const isEmpty = this.ready.length === 0;
    const turned = isEmpty !== this.#wasEmpty;
    this.#wasEmpty = isEmpty;
    if (this.observer === undefined || (this.#changes.length === 0 && !turned)) return;
    const changes = this.#changes;
    this.#changes = [];
    if (turned) changes.push({ type: isEmpty ? 'empty' : 'not-empty' });
    this.observer(changes);
  }

  cut(): StateCut {
    return cutQueue(this);
  }

  restore(record: ByteReader): void {
    readQueueRecord(this, record);
    this.#wasEmpty = this.ready.length === 0;
  }

  /** Everything that is not a dead letter, held and delayed items too, in its order. */
  items(): QueueItem[] {
    const items = this.ready.toArray();
    for (const { item } of this.delayed.toArray()) items.push(item);
    for (const { item } of this.leases.toArray()) items.push(item);
    return items.sort((a, b) => a.position - b.position);
  }

  #carryOut(command: StorageCommand, at: LogPosition): Result {
    const { type, tickets, values } = command;
    switch (type) {
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return this.#take()?.value;
      case MessageType.INSERT_ENTRIES_REQUEST:
        return this.#insert(command, at);
      case MessageType.QUEUE_TAKE_REQUEST:
        return this.ready.length === 0 ? undefined : this.#give(this.#ticketFor(command), at);
      case MessageType.QUEUE_WAIT_REQUEST:
        return this.#wait(command, at);
      case MessageType.QUEUE_ACKNOWLEDGE_REQUEST:
        return tickets.map((ticket) => this.#acknowledge(this.#heldBy(command, ticket)));
      case MessageType.QUEUE_RETURN_REQUEST:
        return tickets.map((ticket) => this.#return(this.#heldBy(command, ticket), command.delayInMs ?? 0, at));
      case MessageType.QUEUE_CANCEL_REQUEST:
        return tickets.map((ticket) => this.#cancel(command, ticket));
      case MessageType.QUEUE_EXTEND_REQUEST:
        return tickets.map((ticket) => this.#extend(this.#heldBy(command, ticket), command.leaseInMs ?? 0, at));
      case MessageType.QUEUE_PUT_BACK_REQUEST:
        for (const value of values.toReversed())
          this.#offer({ position: --this.headPosition, value: retained(value), deliveries: 0 });
        return undefined;
      case MessageType.QUEUE_REPLACE_REQUEST:
        this.#clear();
        this.#push(values, 0, at);
        return undefined;
      case MessageType.QUEUE_DRAIN_DEAD_LETTERS_REQUEST:
        return this.deadLetters.splice(0).map(({ value }) => value);
      default:
        this.#clear();
        return undefined;
    }
  }

  /** False where it was made already, or comes too late to be the first. */
  #insert({ values, dedupId, ttlInMs, delayInMs, revision }: StorageCommand, at: LogPosition): boolean {
    if (revision !== undefined && revision !== this.nextPosition) return false;
    if (dedupId !== undefined) {
      if (this.remembered.has(dedupId)) return false;
      this.remembered.add(dedupId, deadline(at, ttlInMs ?? 0));
    }
    this.#push(values, delayInMs ?? 0, at);
    return true;
  }

  #push(values: readonly Uint8Array[], delayInMs: number, at: LogPosition): void {
    for (const value of values) {
      const item = { position: this.nextPosition++, value: retained(value), deliveries: 0 };
      if (delayInMs > 0) this.delayed.add(item, deadline(at, delayInMs));
      else {
        this.ready.push(item);
        this.#tell({ type: 'add', item });
      }
    }
  }

  #take(): QueueItem | undefined {
    const item = this.ready.shift();
    if (item !== undefined) this.#tell({ type: 'remove', item });
    return item;
  }

  #ticketFor({ member, leaseInMs = 0, maxDeliveries = 0 }: StorageCommand): Waiter {
    return { ticket: this.nextTicket++, member, leaseInMs, maxDeliveries };
  }

  #wait(command: StorageCommand, at: LogPosition): Result {
    if (this.ready.length > 0)
      return command.leaseInMs === undefined ? this.#take()?.value : this.#give(this.#ticketFor(command), at);
    const waiter = this.#ticketFor(command);
    this.waiters.push(waiter);
    return ticketOnly(waiter.ticket);
  }

  #serve(at: LogPosition): void {
    while (this.ready.length > 0) {
      const holder = this.waiters.shift();
      if (holder === undefined) return;
      const item = this.#hold(holder, at);
      if (item !== undefined) this.#tell({ type: 'serve', holder, item });
    }
  }

  #give(holder: Waiter, at: LogPosition): Result {
    const item = this.#hold(holder, at);
    return item && givenItem(holder.ticket, item);
  }

  /** Hands the first item over to a member, for its time. A handover is no delivery yet. */
  #hold(holder: Waiter, at: LogPosition): QueueItem | undefined {
    const item = this.#take();
    if (item === undefined) return undefined;
    const { leaseInMs } = holder;
    const held = leaseInMs === 0 ? item : { ...item, deliveries: item.deliveries + 1 };
    this.leases.add(holder, held, deadline(at, leaseInMs === 0 ? handoverInMs : leaseInMs));
    return held;
  }

  /** Tickets are guessed easily: only their owner may use them. */
  #heldBy({ member }: StorageCommand, ticket: number): Lease | undefined {
    const lease = this.leases.get(ticket);
    return lease?.holder.member === member ? lease : undefined;
  }

  #acknowledge(lease: Lease | undefined): boolean {
    if (lease !== undefined) this.leases.delete(lease);
    return lease !== undefined;
  }

  #extend(lease: Lease | undefined, leaseInMs: number, at: LogPosition): boolean {
    if (lease !== undefined) this.leases.extend(lease, deadline(at, leaseInMs));
    return lease !== undefined;
  }

  /** Ends a delivery: the item is offered again, unless it was delivered too often. */
  #return(lease: Lease | undefined, delayInMs: number, at: LogPosition): boolean {
    if (lease === undefined) return false;
    const { item, holder } = lease;
    this.leases.delete(lease);
    if (holder.maxDeliveries > 0 && item.deliveries >= holder.maxDeliveries) {
      this.deadLetters.push(item);
      this.#tell({ type: 'dead-letter', item });
    } else if (delayInMs > 0) {
      this.delayed.add(item, deadline(at, delayInMs));
    } else {
      this.#offer(item);
    }
    return true;
  }

  /** Ends a wait, or a delivery that nobody saw. */
  #cancel(command: StorageCommand, ticket: number): boolean {
    if (this.waiters.get(ticket)?.member === command.member) return this.waiters.delete(ticket);
    const lease = this.#heldBy(command, ticket);
    if (lease === undefined) return false;
    this.leases.delete(lease);
    const { item } = lease;
    this.#offer(lease.isHandover ? item : { ...item, deliveries: item.deliveries - 1 });
    return true;
  }

  #offer(item: QueueItem): void {
    this.ready.putBack(item);
    this.#tell({ type: 'add', item });
  }

  #clear(): void {
    this.ready.clear();
    this.delayed.clear();
    this.leases.clear();
  }

  #tell(change: QueueChange): void {
    if (this.observer !== undefined) this.#changes.push(change);
  }
}

function deadline(at: LogPosition, inMs: number): number {
  return Math.min(at.time + inMs, Number.MAX_SAFE_INTEGER);
}

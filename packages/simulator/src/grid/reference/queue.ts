import { MessageType } from '@hamok/messages';
import type { MemberId } from '@hamok/raft';
import { type Collection, type Outcome, type Place, parsed, type Told } from './collection.js';
import type { Command } from './command.js';

interface Item {
  readonly position: number;
  readonly value: string;
  readonly deliveries: number;
}

/** Somebody who waits for an item, or has one. */
interface Taker {
  readonly ticket: number;
  readonly member: MemberId;
  /** 0 for who waits to pop. */
  readonly leaseInMs: number;
  readonly maxDeliveries: number;
}

interface Held {
  readonly taker: Taker;
  readonly item: Item;
  until: number;
}

/** How long who waited to pop has to say that it got the item (ms). */
const handoverInMs = 10_000;

/** A queue, in lists that are searched and sorted where that is asked for. */
export class PlainQueue implements Collection {
  #ready: Item[] = [];
  #delayed: { readonly item: Item; readonly from: number }[] = [];
  #held: Held[] = [];
  #waiting: Taker[] = [];
  #dead: Item[] = [];
  readonly #remembered = new Map<string, number>();
  #pushed = 0;
  #head = 0;
  #tickets = 0;
  #wasEmpty = true;
  #told: Told[] = [];

  get contents(): unknown {
    const away = [...this.#delayed, ...this.#held].map(({ item }) => item);
    return {
      ready: this.#ready.map(({ value }) => parsed(value)),
      all: inOrder([...this.#ready, ...away]).map(({ value }) => parsed(value)),
      dead: this.#dead.map(({ value }) => parsed(value)),
    };
  }

  pass(place: Place): Told[] {
    for (let next = this.#due(place); next; next = this.#due(place)) {
      next();
      this.#serve(place);
    }
    return this.#taken();
  }

  apply(command: Command, member: MemberId, place: Place): Told[] {
    this.#carryOut(command, member, place);
    this.#serve(place);
    return this.#taken();
  }

  outcomesOf(command: Command, member: MemberId): readonly Outcome[] | undefined {
    const { type, tickets, leaseInMs = 0 } = command;
    const [first] = this.#ready;
    const isHeld = (ticket: number): boolean => this.#held.some(({ taker }) => isOf(taker, ticket, member));
    switch (type) {
      case MessageType.REMOVE_ENTRIES_REQUEST:
      case MessageType.QUEUE_TAKE_REQUEST:
        return given(first, leaseInMs);
      case MessageType.QUEUE_WAIT_REQUEST:
        return first && given(first, leaseInMs);
      case MessageType.INSERT_ENTRIES_REQUEST:
        return [this.#isToInsert(command)];
      case MessageType.QUEUE_ACKNOWLEDGE_REQUEST:
      case MessageType.QUEUE_RETURN_REQUEST:
      case MessageType.QUEUE_EXTEND_REQUEST:
        return tickets.map(isHeld);
      case MessageType.QUEUE_DRAIN_DEAD_LETTERS_REQUEST:
        return this.#dead.map(({ value }) => value);
      default:
        return undefined;
    }
  }

  /** What those who left hold is lost to them with the next command, which has a time. */
  membersChanged(members: ReadonlySet<MemberId>): Told[] {
    this.#waiting = this.#waiting.filter(({ member }) => members.has(member));
    for (const held of this.#held) if (!members.has(held.taker.member)) held.until = 0;
    return [];
  }

  settle(): Told[] {
    const isEmpty = this.#ready.length === 0;
    if (isEmpty === this.#wasEmpty) return [];
    this.#wasEmpty = isEmpty;
    return [[isEmpty ? 'empty' : 'not-empty']];
  }

  /** What happens first, of all that is due. */
  #due(place: Place): (() => void) | undefined {
    const [held] = [...this.#held].sort((a, b) => a.until - b.until || a.taker.ticket - b.taker.ticket);
    const [late] = [...this.#delayed].sort((a, b) => a.from - b.from || a.item.position - b.item.position);
    const [known] = [...this.#remembered].sort(([, a], [, b]) => a - b);
    const [until, from, forgotten] = [held?.until, late?.from, known?.[1]].map((at) => at ?? Number.POSITIVE_INFINITY);
    const earliest = Math.min(until ?? 0, from ?? 0, forgotten ?? 0);
    if (earliest > place.time) return undefined;
    if (held && until === earliest) return () => this.#giveBack(held, 0, place);
    if (!late || from !== earliest) return () => void this.#remembered.delete(known?.[0] ?? '');
    return () => {
      this.#delayed = this.#delayed.filter((each) => each !== late);
      this.#offer(late.item);
    };
  }

  #carryOut(command: Command, member: MemberId, place: Place): void {
    const { type, tickets, values, leaseInMs = 0, maxDeliveries = 0, delayInMs = 0 } = command;
    const taker = (): Taker => ({ ticket: ++this.#tickets, member, leaseInMs, maxDeliveries });
    const held = tickets.flatMap((ticket) => this.#held.filter((each) => isOf(each.taker, ticket, member)));
    switch (type) {
      case MessageType.INSERT_ENTRIES_REQUEST:
        return this.#insert(command, place);
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return void this.#shift();
      case MessageType.QUEUE_TAKE_REQUEST:
        return this.#ready.length > 0 ? this.#give(taker(), place) : undefined;
      case MessageType.QUEUE_WAIT_REQUEST:
        if (this.#ready.length === 0) this.#waiting.push(taker());
        else if (leaseInMs > 0) this.#give(taker(), place);
        else this.#shift();
        return;
      case MessageType.QUEUE_ACKNOWLEDGE_REQUEST:
        for (const each of held) this.#drop(each);
        return;
      case MessageType.QUEUE_RETURN_REQUEST:
        for (const each of held) this.#giveBack(each, delayInMs, place);
        return;
      case MessageType.QUEUE_EXTEND_REQUEST:
        for (const each of held) each.until = place.time + leaseInMs;
        return;
      case MessageType.QUEUE_CANCEL_REQUEST:
        this.#waiting = this.#waiting.filter((each) => !tickets.some((ticket) => isOf(each, ticket, member)));
        for (const each of held) this.#undo(each);
        return;
      case MessageType.QUEUE_PUT_BACK_REQUEST:
        for (const value of [...values].reverse()) this.#offer({ position: --this.#head, value, deliveries: 0 });
        return;
      case MessageType.QUEUE_REPLACE_REQUEST:
        this.#clear();
        return this.#push(values, 0, place);
      case MessageType.QUEUE_DRAIN_DEAD_LETTERS_REQUEST:
        this.#dead = [];
        return;
      case MessageType.CLEAR_ENTRIES_REQUEST:
        return this.#clear();
      default:
    }
  }

  /** Not what comes a second time, nor initial content that comes too late. */
  #isToInsert({ dedupId, revision }: Command): boolean {
    if (revision !== undefined && revision !== this.#pushed) return false;
    return dedupId === undefined || !this.#remembered.has(dedupId);
  }

  #insert(command: Command, place: Place): void {
    const { values, dedupId, ttlInMs = 0, delayInMs = 0 } = command;
    if (!this.#isToInsert(command)) return;
    if (dedupId !== undefined) this.#remembered.set(dedupId, place.time + ttlInMs);
    this.#push(values, delayInMs, place);
  }

  #push(values: readonly string[], delayInMs: number, { time }: Place): void {
    for (const value of values) {
      const item = { position: this.#pushed++, value, deliveries: 0 };
      if (delayInMs > 0) this.#delayed.push({ item, from: time + delayInMs });
      else this.#offer(item);
    }
  }

  #shift(): Item | undefined {
    const item = this.#ready.shift();
    if (item) this.#told.push(['remove', parsed(item.value)]);
    return item;
  }

  #offer(item: Item): void {
    this.#ready = inOrder([...this.#ready, item]);
    this.#told.push(['add', parsed(item.value)]);
  }

  #serve(place: Place): void {
    while (this.#ready.length > 0) {
      const taker = this.#waiting.shift();
      if (!taker) return;
      this.#give(taker, place);
    }
  }

  #give(taker: Taker, { time }: Place): void {
    const item = this.#shift();
    if (!item) return;
    const { leaseInMs } = taker;
    const delivered = leaseInMs > 0 ? { ...item, deliveries: item.deliveries + 1 } : item;
    this.#held.push({ taker, item: delivered, until: time + (leaseInMs || handoverInMs) });
  }

  #drop(held: Held): void {
    this.#held = this.#held.filter((each) => each !== held);
  }

  #giveBack(held: Held, delayInMs: number, { time }: Place): void {
    const { item, taker } = held;
    this.#drop(held);
    if (taker.maxDeliveries > 0 && item.deliveries >= taker.maxDeliveries) {
      this.#dead.push(item);
      this.#told.push(['dead-letter', parsed(item.value), item.deliveries]);
    } else if (delayInMs > 0) this.#delayed.push({ item, from: time + delayInMs });
    else this.#offer(item);
  }

  /** Nobody saw the delivery. */
  #undo(held: Held): void {
    const { item, taker } = held;
    this.#drop(held);
    this.#offer(taker.leaseInMs > 0 ? { ...item, deliveries: item.deliveries - 1 } : item);
  }

  #clear(): void {
    this.#ready = [];
    this.#delayed = [];
    this.#held = [];
  }

  #taken(): Told[] {
    return this.#told.splice(0);
  }
}

function isOf(taker: Taker, ticket: number, member: MemberId): boolean {
  return taker.ticket === ticket && taker.member === member;
}

/** Of what is taken, how often it was delivered by then as well. */
function given(item: Item | undefined, leaseInMs: number): readonly Outcome[] {
  if (!item) return [null];
  return leaseInMs > 0 ? [item.value, `${item.deliveries + 1}`] : [item.value];
}

function inOrder(items: Item[]): Item[] {
  return items.sort((a, b) => a.position - b.position);
}

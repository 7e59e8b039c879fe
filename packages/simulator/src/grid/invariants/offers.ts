import type { Entry } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import { worksOf } from '../workload/collections.js';
import { passesTime } from '../world/passes-time.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';
import type { LogEffects } from './log-effects.js';

/** What one process told of the queue. */
interface Shown {
  /** What is not offered there, and since which index. */
  readonly out: Map<string, number>;
  /** What it offered since its last entry. */
  readonly offered: string[];
  /** What it told of since its last entry; and what can be taken there, undefined where a snapshot changed that. */
  readonly told: { readonly type: 'add' | 'remove'; readonly item: string }[];
  ready: Set<string> | undefined;
  index: number;
}

/** An item that must not be offered before a log time by an entry behind an index. */
interface Delay {
  readonly from: number;
  readonly behind: number;
}

/** An item that certainly is in the hands of somebody at an index, and until which log time at the latest. */
interface Lease {
  readonly heldAt: number;
  readonly until: number;
}

/**
 * What is pushed or given back with a delay is not offered before it is over, what is held is offered again when its time is up, and of
 * what is offered the first that was pushed is taken.
 */
export class Offers implements GridInvariant {
  readonly name = 'an item is offered on time';
  readonly source = 'HamokQueue.push, HeldItem.nack (delays); HamokQueue.take (time of visibility)';
  readonly #shown = new WeakMap<Process, Shown>();
  readonly #delays = new Map<string, Delay>();
  readonly #leases = new Map<string, Lease>();
  /** The last offer of each item, by whoever was first to tell of it. */
  readonly #offers = new Map<string, { readonly index: number; readonly time: number }>();
  /** The latest log time that anyone has come to. */
  #latest = 0;

  constructor(private readonly effects: LogEffects) {}

  onSpawn(process: Process): void {
    const shown: Shown = { out: new Map(), offered: [], told: [], ready: new Set(), index: -1 };
    this.#shown.set(process, shown);
    const works = worksOf(process);
    works.on('remove', (item) => {
      shown.out.set(item, (process.core?.log.appliedIndex ?? -1) + 1);
      shown.told.push({ type: 'remove', item });
    });
    works.on('dead-letter', (item) => shown.out.delete(item));
    works.on('add', (item) => {
      shown.out.delete(item);
      shown.offered.push(item);
      shown.told.push({ type: 'add', item });
    });
  }

  onRejoin(process: Process): void {
    const shown = this.#shown.get(process);
    shown?.out.clear();
    if (shown) shown.ready = undefined;
  }

  /** @param asked log time before the call */
  pushing(item: string, delayInMs: number, asked: number): void {
    if (!this.#delays.has(item)) this.#delays.set(item, { from: asked + delayInMs, behind: -1 });
  }

  /** @param asked log time before it was asked for */
  taken(process: Process, item: string, leaseInMs: number, asked: number): void {
    this.#leases.delete(item);
    const heldAt = process.core?.log.appliedIndex;
    // Otherwise its time may be up already, and the next one may have it.
    if (heldAt !== undefined && this.#latest < asked + leaseInMs)
      this.#leases.set(item, { heldAt, until: this.#latest + leaseInMs });
  }

  /** Its time is not what it was taken for any more. */
  released(item: string): void {
    this.#leases.delete(item);
  }

  /**
   * It was still held, and is given back now.
   *
   * @param heldAt an index at which it was held
   * @param asked log time before the call
   */
  returned(item: string, heldAt: number, delayInMs: number, asked: number): void {
    const delay = { from: asked + delayInMs, behind: heldAt };
    this.#delays.set(item, delay);
    const offer = this.#offers.get(item);
    if (offer) this.#check(item, offer.index, offer.time);
  }

  onApplied(process: Process, entry: Entry): void {
    const shown = this.#shown.get(process);
    if (!shown) return;
    this.effects.read(process, entry);
    const { index, time } = entry;
    this.#latest = Math.max(this.#latest, time);
    // What a snapshot brought was not told.
    if (index !== shown.index + 1) this.onRejoin(process);
    shown.index = index;
    this.#followOrder(process, shown);
    for (const item of shown.offered.splice(0)) {
      if ((this.#offers.get(item)?.index ?? -1) < index) this.#offers.set(item, { index, time });
      this.#check(item, index, time);
    }
    for (const [item, { heldAt, until }] of this.#leases)
      if (time >= until && index > heldAt && (shown.out.get(item) ?? index) <= heldAt && !process.isClosed)
        if (passesTime(entry))
          throw new Violation(this.name, `${process.name}: ${item} is held at ${index}, ${time - until} ms too long`);
  }

  #followOrder(process: Process, shown: Shown): void {
    const { ready } = shown;
    for (const { type, item } of shown.told.splice(0)) {
      if (type === 'add') ready?.add(item);
      else if (ready) this.#checkFirst(process, ready, item);
      ready?.delete(type === 'remove' ? item : '');
    }
    // A closed member applies what it is given, and shows no queue.
    if (!process.isClosed) shown.ready ??= new Set(worksOf(process));
  }

  #checkFirst(process: Process, ready: ReadonlySet<string>, item: string): void {
    const place = (each: string): number => this.effects.placeOf(process, each) ?? Number.POSITIVE_INFINITY;
    for (const other of ready)
      if (place(other) < place(item))
        throw new Violation(this.name, `${process.name}: ${item} is taken before ${other}, which was pushed before it`);
  }

  #check(item: string, index: number, time: number): void {
    const delay = this.#delays.get(item);
    if (delay && index > delay.behind && time < delay.from)
      throw new Violation(this.name, `${item} is offered at ${index}, ${delay.from - time} ms early`);
  }
}

import type { Configuration, Entry } from '@hamok/raft';
import type { HeldItem } from 'hamok';
import { Violation } from '../../invariants/invariant.js';
import { worksOf } from '../workload/collections.js';
import { passesTime } from '../world/passes-time.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** What a process holds, or held. */
interface Hold {
  readonly process: Process;
  /** As what it took part when it took the item. */
  readonly member: string | undefined;
  readonly deliveries: number;
  readonly leaseInMs: number;
  /** What that process had applied when it was told. */
  readonly toldAt: number;
  /** Log time before it was taken, as that process had it. */
  since: number;
  isGivenBack: boolean;
  /** The index at which its holder left the grid; Infinity while it has not. */
  removedAt: number;
  /** The first index at which it was offered again, or became a dead letter; Infinity while it was not. */
  endedAt: number;
}

/**
 * An item that somebody took is in the hands of nobody else until it was given back, or its time of log time was up, or its holder
 * was gone. What was acknowledged is never offered again, and what was pushed is acknowledged, or a dead letter, or still there.
 */
export class Holds implements GridInvariant {
  readonly name = 'a taken item to one holder';
  readonly source = 'architecture: "a queue item to exactly one taker"; HamokQueue.take';
  readonly #applied = new WeakMap<Process, number>();
  /** Of each process, the items that are about to be offered again, and since which index. */
  readonly #ending = new WeakMap<Process, Map<string, number>>();
  readonly #last = new Map<string, Hold>();
  readonly #pushed = new Set<string>();
  readonly #acknowledging = new Set<string>();
  readonly #acknowledged = new Map<string, number>();

  onSpawn(process: Process): void {
    const ending = new Map<string, number>();
    this.#ending.set(process, ending);
    const ended = (item: string): void => {
      ending.delete(item);
      this.#ended(process, item);
    };
    const works = worksOf(process);
    works.on('add', ended);
    works.on('dead-letter', ended);
  }

  onRejoin(process: Process): void {
    this.#ending.get(process)?.clear();
  }

  onApplied(process: Process, entry: Entry): void {
    const { time, index, configuration } = entry;
    const before = this.#applied.get(process);
    this.#applied.set(process, index);
    const ending = this.#ending.get(process);
    if (!ending || process.isClosed) return;
    // What a snapshot brought was not told.
    if (index - 1 !== before) ending.clear();
    for (const [item, since] of ending)
      if (since < index && passesTime(entry))
        throw new Violation(this.name, `${item} is still held after ${since}, at which its holder left`);
    if (configuration) this.#removed(ending, configuration, time, index);
  }

  /** After it was taken: nobody holds it any more, as where the process that held it was followed by another of its member. */
  #ended({ core }: Process, item: string): void {
    const hold = this.#last.get(item);
    const index = (core?.log.appliedIndex ?? -1) + 1;
    if (hold && index > hold.toldAt) hold.endedAt = Math.min(hold.endedAt, index);
  }

  /** What a member that is gone certainly held is offered again with the next command, which has a time. */
  #removed(ending: Map<string, number>, { voters, learners }: Configuration, time: number, index: number): void {
    const members = new Set([...voters, ...learners]);
    for (const [item, hold] of this.#last) {
      const { member, since, leaseInMs, isGivenBack } = hold;
      if (member === undefined || members.has(member) || index <= hold.toldAt || hold.removedAt < index) continue;
      hold.removedAt = index;
      // It may be given back or acknowledged already, whatever its holder was told.
      const isOpen = hold.endedAt < index || isGivenBack || this.#acknowledging.has(item) || time >= since + leaseInMs;
      if (!isOpen) ending.set(item, index);
    }
  }

  /** What a member held that is gone is offered again, whether or not anyone writes. */
  awaited(process: Process): string | undefined {
    const [item] = this.#ending.get(process)?.keys() ?? [];
    return item === undefined || process.isClosed ? undefined : `${item} at ${process.name}`;
  }

  pushed(item: string): void {
    this.#pushed.add(item);
  }

  /** Log time before a take: of the last entry that the process has, which a snapshot may have brought. */
  asked({ core }: Process): number {
    return core ? (core.log.get(core.log.appliedIndex) ?? core.log.base).time : 0;
  }

  taken(process: Process, { item, deliveries }: HeldItem<string>, leaseInMs: number, since: number): void {
    const final = this.#acknowledged.get(item);
    if (final !== undefined && deliveries > final)
      throw new Violation(this.name, `${process.name} got ${item}, which was acknowledged`);
    const { maxDeliveries } = process.world.plan;
    if (maxDeliveries > 0 && deliveries > maxDeliveries)
      throw new Violation(this.name, `${process.name} got ${item} as delivery ${deliveries} of ${maxDeliveries}`);
    const { member } = process;
    const toldAt = process.core?.log.appliedIndex ?? Infinity;
    const last = this.#last.get(item);
    // Answers may come in another order than the log's.
    if (last && last.deliveries > deliveries) return;
    if (last && !this.#mayBeOver(last, process))
      throw new Violation(this.name, `${process.name} got ${item}, which ${last.process.name} holds`);
    if (last?.deliveries === deliveries && last.member === member)
      throw new Violation(this.name, `${process.name} was given delivery ${deliveries} of ${item} twice`);
    this.#last.set(item, {
      process,
      member,
      deliveries,
      leaseInMs,
      since,
      toldAt,
      isGivenBack: false,
      removedAt: Infinity,
      endedAt: Infinity,
    });
  }

  givingBack(process: Process, item: string): void {
    const hold = this.#last.get(item);
    if (hold?.process === process) hold.isGivenBack = true;
  }

  /** @param since log time before it was asked for */
  extended(process: Process, item: string, since: number): void {
    const hold = this.#last.get(item);
    if (hold?.process === process) hold.since = Math.max(hold.since, since);
  }

  acknowledging(item: string): void {
    this.#acknowledging.add(item);
  }

  /** @param held what the grid said: whether it was still held */
  acknowledged(process: Process, { item, deliveries }: HeldItem<string>, held: boolean): void {
    if (!held) return;
    this.#acknowledged.set(item, deliveries);
    const last = this.#last.get(item);
    if (last && last.deliveries > deliveries)
      process.world.violate(
        new Violation(this.name, `${process.name} acknowledged ${item}, which ${last.process.name} got after it`),
      );
  }

  account(left: readonly string[]): void {
    const there = new Set(left);
    if (there.size < left.length) throw new Violation(this.name, `the queue holds an item twice: ${left.join(' ')}`);
    for (const item of left)
      if (this.#acknowledged.has(item)) throw new Violation(this.name, `${item} was acknowledged, and is still there`);
    for (const item of this.#pushed)
      if (!there.has(item) && !this.#acknowledging.has(item))
        throw new Violation(this.name, `${item} is gone, and nobody acknowledged it`);
  }

  #mayBeOver({ process, member, leaseInMs, since, isGivenBack, removedAt }: Hold, by: Process): boolean {
    return (
      isGivenBack ||
      // Who was removed may be the last to learn of it.
      removedAt <= (by.core?.log.appliedIndex ?? -1) ||
      process.isDead ||
      process.isClosed ||
      process.member !== member ||
      this.asked(by) - since >= leaseInMs
    );
  }
}

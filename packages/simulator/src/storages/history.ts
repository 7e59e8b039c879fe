import { Violation } from '../invariants/invariant.js';
import { lossesAreTold } from './invariants/told-losses.js';

/** A change of a key, by a call; or by a loss that had to be expected. `value` is undefined where it was deleted. */
interface Change {
  readonly value: number | undefined;
  readonly begin: number;
  /** When it was acknowledged; `Infinity` while it is not, which may be for ever. */
  end: number;
  /** It certainly was not made. */
  void: boolean;
}

/**
 * What clients wrote and read, each value written once. A key has a value of each of its writers, or one value, as if it had one
 * writer. A value that is read must have been written, before the read ended, and not have been replaced by what the same writer wrote
 * after it, or who deleted the key, and what was acknowledged before the read began. Of one writer no two are read at once.
 */
export class History {
  /** By key and writer. */
  readonly #changes = new Map<string, Map<unknown, Change[]>>();
  /** By key: they concern every writer. */
  readonly #deletions = new Map<string, Change[]>();
  readonly #writers = new Map<number, unknown>();
  acknowledged = 0;
  reads = 0;
  /** More members went than copies can make up for, and somebody is left who knows what is lost. */
  lossesHaveToBeTold = false;

  constructor(private readonly now: () => number) {}

  keys(): IterableIterator<string> {
    return this.#changes.keys();
  }

  write(key: string, value: number, writer: unknown): Change {
    const change = this.#begin(value);
    let byWriter = this.#changes.get(key);
    if (byWriter === undefined) {
      byWriter = new Map();
      this.#changes.set(key, byWriter);
    }
    const changes = byWriter.get(writer) ?? this.#openDeletions(key);
    byWriter.set(writer, changes);
    changes.push(change);
    this.#writers.set(value, writer);
    return change;
  }

  delete(key: string): Change {
    const change = this.#begin(undefined);
    const deletions = this.#deletions.get(key);
    if (deletions === undefined) this.#deletions.set(key, [change]);
    else deletions.push(change);
    for (const changes of this.#changes.get(key)?.values() ?? []) changes.push(change);
    return change;
  }

  acknowledge(change: Change): void {
    this.acknowledged++;
    change.end = this.now();
  }

  /** It certainly was not made. */
  forget(change: Change): void {
    change.void = true;
  }

  /** More members went than copies can make up for, and may have told nobody: from now on any key may be lost, or not. */
  loss(): void {
    for (const byWriter of this.#changes.values())
      for (const changes of byWriter.values()) changes.push(this.#begin(undefined));
  }

  /** A key is reported as lost: nothing is left of it, or, unless that is so of the `whole` of it, some writer's value is lost. */
  reported(key: string, whole: boolean): void {
    const now = this.now();
    // What may have been lost is one thing that may be read, and takes the place of nothing.
    const begin = whole ? now : origin.begin;
    for (const changes of this.#changes.get(key)?.values() ?? [])
      changes.push({ value: undefined, begin, end: now, void: false });
  }

  /** Whether some writer has nothing there that was acknowledged, and something that was not. */
  isUnacknowledged(key: string): boolean {
    const now = this.now();
    return this.#some(key, (changes) => isPossible(changes, undefined, now) && changes.some(isOpenWrite));
  }

  /** @param begin when the read began; it has just ended */
  read(key: string, values: readonly number[], begin: number, what: string): void {
    this.reads++;
    const found = new Map<unknown, number>();
    for (const value of values) {
      const writer = this.#writers.get(value);
      if (found.has(writer))
        throw new Violation('nothing is merged twice', `${what} of ${key} gave ${found.get(writer)} and ${value}`);
      if (this.#changes.get(key)?.has(writer) !== true)
        throw new Violation('nothing is read that nobody wrote', `${what} of ${key} gave ${value}`);
      found.set(writer, value);
    }
    for (const [writer, changes] of this.#changes.get(key) ?? [])
      this.#check(changes, found.get(writer), begin, `${what} of ${key}`);
  }

  /** A key was taken out. With which values is known of an eviction, which may have missed some of those who left. */
  tookOut(key: string, values: readonly number[] | undefined, begin: number, what: string): void {
    this.found(key, values ?? [], begin, what);
    if (!this.#mayBeThere(key, begin))
      throw new Violation('nothing is taken out that was not there', `${what} found ${key}`);
  }

  /** These values were read of a key, and others may be missing. */
  found(key: string, values: readonly number[], begin: number, what: string): void {
    const byWriter = this.#changes.get(key);
    for (const value of values)
      this.#check(byWriter?.get(this.#writers.get(value)) ?? [], value, begin, `${what} of ${key}`);
  }

  /** A key was listed. */
  listed(key: string, begin: number, what: string): void {
    this.reads++;
    if (!this.#mayBeThere(key, begin)) throw new Violation('nothing is read that nobody wrote', `${what} lists ${key}`);
  }

  /** So many keys were counted. @param isPartial whether there may be more */
  counted(size: number, isPartial: boolean, begin: number, what: string): void {
    this.reads++;
    let [least, most] = [0, 0];
    for (const key of this.keys()) {
      if (this.#mayBeThere(key, begin)) most++;
      if (this.#some(key, (changes) => !isPossible(changes, undefined, begin))) least++;
      // What is deleted, and written anew, while members are asked one after another may be counted twice.
      for (const changes of this.#changes.get(key)?.values() ?? [])
        most += changes.filter(({ value, end }) => value !== undefined && end >= begin).length;
    }
    if (size < least && !isPartial)
      throw new Violation('nothing acknowledged is lost', `${what} gave ${size}, of at least ${least}`);
    if (size > most)
      throw new Violation('nothing is read that nobody wrote', `${what} gave ${size}, of at most ${most}`);
  }

  /** @param change that of the call, which found nothing that it could have deleted */
  foundNone(key: string, change: Change, begin: number, what: string): void {
    change.void = true;
    this.read(key, [], begin, what);
    change.void = false;
  }

  #check(changes: readonly Change[], value: number | undefined, begin: number, what: string): void {
    if (isPossible(changes, value, begin)) return;
    const told = changes
      .map((change) => `${change.value}[${change.begin.toFixed(1)}-${change.end.toFixed(1)}]`)
      .join(' ');
    throw new Violation(
      this.#brokenBy(changes, value),
      `${what} gave ${value}, asked at ${begin.toFixed(1)}; changes: ${told}`,
    );
  }

  #brokenBy(changes: readonly Change[], value: number | undefined): string {
    if (value === undefined && this.lossesHaveToBeTold) return lossesAreTold;
    const isWritten = value === undefined || changes.some((change) => change.value === value && !change.void);
    return isWritten ? 'nothing acknowledged is lost' : 'nothing is read that nobody wrote';
  }

  #mayBeThere(key: string, begin: number): boolean {
    return this.#some(key, (changes) =>
      changes.some(({ value }) => value !== undefined && isPossible(changes, value, begin)),
    );
  }

  #some(key: string, holds: (changes: readonly Change[]) => boolean): boolean {
    return [...(this.#changes.get(key)?.values() ?? [])].some(holds);
  }

  #begin(value: number | undefined): Change {
    return { value, begin: this.now(), end: Number.POSITIVE_INFINITY, void: false };
  }

  #openDeletions(key: string): Change[] {
    return (this.#deletions.get(key) ?? []).filter(({ end }) => end === Number.POSITIVE_INFINITY);
  }
}

function isOpenWrite({ value, end, void: isVoid }: Change): boolean {
  return value !== undefined && end === Number.POSITIVE_INFINITY && !isVoid;
}

/** What may be read by who began to then. */
function isPossible(changes: readonly Change[], value: number | undefined, begin: number): boolean {
  const written = [origin, ...changes].filter((change) => change.value === value && !change.void);
  const newest = Math.max(-1, ...changes.filter(({ end }) => end <= begin).map((change) => change.begin));
  return written.some(({ end }) => end >= newest);
}

const origin: Change = { value: undefined, begin: -1, end: -1, void: false };

export type { Change };

import { Violation } from '../invariants/invariant.js';
import { type Change, Changes, origin } from './changes.js';
import { lossesAreTold } from './invariants/told-losses.js';

/**
 * What clients wrote and read, each value written once. A key has a value of each of its writers, or one value, as if it had one
 * writer. A value that is read must have been written, before the read ended, and not have been replaced by what the same writer wrote
 * after it, or who deleted the key, and what was acknowledged before the read began. Of one writer no two are read at once.
 */
export class History {
  /** By key and writer. */
  readonly #changes = new Map<string, Map<unknown, Changes>>();
  /** By key: those that are not acknowledged concern every writer, also one that only begins. */
  readonly #deletions = new Map<string, Change[]>();
  readonly #writers = new Map<number, unknown>();
  /** By member and key: what it asked for last. */
  readonly #claims = new Map<string, Change>();
  /** Values of which nobody knows as whose they were written. */
  readonly #unattributed = new Set<number>();
  acknowledged = 0;
  reads = 0;
  /** More members went than copies can make up for, and somebody is left who knows what is lost. */
  lossesHaveToBeTold = false;

  /** @param horizon before which no read began that has not ended */
  constructor(
    private readonly now: () => number,
    private readonly horizon: () => number,
  ) {}

  /** What is there is known, and no call is under way, nor its effect: what was not acknowledged counts if it was made. */
  rested(found: ReadonlyMap<string, readonly number[]>): void {
    this.lossesHaveToBeTold = false;
    this.#deletions.clear();
    this.#claims.clear();
    for (const [key, byWriter] of this.#changes) {
      const values = new Map(this.#attributed(found.get(key) ?? []).map((value) => [this.#writers.get(value), value]));
      for (const [writer, changes] of byWriter) changes.rested(values.get(writer), this.now());
      for (const value of found.get(key) ?? [])
        if (this.#unattributed.has(value)) byWriter.get(this.#writers.get(value))?.add(this.#begin(value));
    }
  }

  /** @param caller whose calls take effect in their order */
  write(key: string, value: number, writer: unknown, caller?: number): Change {
    const change = this.#begin(value);
    if (caller !== undefined) {
      const claim = `${caller} ${key}`;
      change.after = this.#claims.get(claim);
      this.#claims.set(claim, change);
    }
    let byWriter = this.#changes.get(key);
    if (byWriter === undefined) {
      byWriter = new Map();
      this.#changes.set(key, byWriter);
    }
    const changes = byWriter.get(writer) ?? new Changes(this.#openDeletions(key), this.horizon);
    byWriter.set(writer, changes);
    changes.add(change);
    this.#writers.set(value, writer);
    return change;
  }

  delete(key: string): Change {
    const change = this.#begin(undefined);
    this.#deletions.set(key, [...this.#openDeletions(key), change]);
    for (const changes of this.#of(key)) changes.add(change);
    return change;
  }

  acknowledge(change: Change): void {
    this.acknowledged++;
    if (change.value !== undefined && this.#unattributed.has(change.value)) return;
    change.end = this.now();
    // What it waited for was made before it, or never will be.
    for (let one = change.after; one !== undefined; one = one.after)
      one.replacedAt = Math.min(one.replacedAt, change.end);
    change.after = undefined;
  }

  /** Who makes these was the writer that began them, or is another one now: they may be found beside what either wrote, or not. */
  unattributed(keys: readonly string[], changes: readonly Change[]): void {
    keys.forEach((key, at) => {
      const change = changes[at];
      if (change?.value === undefined) return;
      this.#unattributed.add(change.value);
      this.#changes.get(key)?.get(this.#writers.get(change.value))?.add(this.#begin(undefined));
    });
  }

  /** It certainly was not made. */
  forget(change: Change): void {
    change.void = true;
    if (change.value !== undefined) this.#writers.delete(change.value);
  }

  /** It is reported that keys may be lost: what is now in any of them, or on its way, may be gone. What is written later is not. */
  reportedUnnamed(): void {
    for (const key of this.#changes.keys()) this.reported(key, false);
  }

  /** A key is reported as lost: nothing is left of it, or, unless that is so of the `whole` of it, some writer's value is lost. */
  reported(key: string, whole: boolean): void {
    const now = this.now();
    // What may have been lost is one thing that may be read, and takes the place of nothing.
    const begin = whole ? now : origin.begin;
    for (const changes of this.#of(key)) changes.add({ ...this.#begin(undefined), begin, end: now });
  }

  /** Whether nothing of some writer has to be there, and it is there, or goes, by a change that was not acknowledged. */
  isUnacknowledged(key: string): boolean {
    return this.#of(key).some((changes) => changes.mayBe(undefined, this.now()) && changes.isOpen);
  }

  /** @param begin when the read began; it has just ended */
  read(key: string, values: readonly number[], begin: number, what: string): void {
    this.reads++;
    const found = new Map<unknown, number>();
    for (const value of this.#attributed(values)) {
      this.#changesOf(key, value, what);
      const writer = this.#writers.get(value);
      if (found.has(writer))
        throw new Violation('nothing is merged twice', `${what} of ${key} gave ${found.get(writer)} and ${value}`);
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
    for (const value of this.#attributed(values))
      this.#check(this.#changesOf(key, value, what), value, begin, `${what} of ${key}`);
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
    for (const key of this.#changes.keys()) {
      if (this.#mayBeThere(key, begin)) most++;
      if (this.#of(key).some((changes) => !changes.mayBe(undefined, begin))) least++;
      // What is deleted, and written anew, while members are asked one after another may be counted twice.
      for (const changes of this.#of(key)) most += changes.writesSince(begin);
    }
    if (size < least && !isPartial)
      throw new Violation('nothing acknowledged is lost', `${what} gave ${size}, of at least ${least}`);
    if (size > most)
      throw new Violation('nothing is read that nobody wrote', `${what} gave ${size}, of at most ${most}`);
  }

  /** @param change that of the call, which found nothing that it could have replaced or deleted */
  foundNone(key: string, change: Change, begin: number, what: string): void {
    change.void = true;
    this.read(key, [], begin, what);
    change.void = false;
  }

  #of(key: string): Changes[] {
    return [...(this.#changes.get(key)?.values() ?? [])];
  }

  #attributed(values: readonly number[]): readonly number[] {
    return values.filter((value) => !this.#unattributed.has(value));
  }

  /** Those of who wrote it. */
  #changesOf(key: string, value: number, what: string): Changes {
    const changes = this.#changes.get(key)?.get(this.#writers.get(value));
    if (changes !== undefined && this.#writers.has(value)) return changes;
    throw new Violation('nothing is read that nobody wrote', `${what} of ${key} gave ${value}`);
  }

  #mayBeThere(key: string, begin: number): boolean {
    return this.#of(key).some((changes) => changes.mayBeThere(begin));
  }

  #check(changes: Changes, value: number | undefined, begin: number, what: string): void {
    if (changes.mayBe(value, begin)) {
      if (value !== undefined) changes.saw(value, this.now());
      return;
    }
    throw new Violation(
      value === undefined && this.lossesHaveToBeTold ? lossesAreTold : 'nothing acknowledged is lost',
      `${what} gave ${value ?? 'nothing'}, asked at ${begin.toFixed(1)}; changes of it: ${changes}`,
    );
  }

  #begin(value: number | undefined): Change {
    return { ...origin, value, begin: this.now(), end: Number.POSITIVE_INFINITY };
  }

  #openDeletions(key: string): Change[] {
    return (this.#deletions.get(key) ?? []).filter((change) => change.end === Number.POSITIVE_INFINITY && !change.void);
  }
}

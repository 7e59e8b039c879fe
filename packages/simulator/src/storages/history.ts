import { Violation } from '../invariants/invariant.js';

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
  unknown = 0;
  reads = 0;

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

  /** More members went than copies can make up for: from now on any key may be lost, or not. */
  loss(): void {
    for (const byWriter of this.#changes.values())
      for (const changes of byWriter.values()) changes.push(this.#begin(undefined));
  }

  /** Whether a write of the key was not acknowledged. */
  hasOpenWrite(key: string): boolean {
    for (const changes of this.#changes.get(key)?.values() ?? [])
      if (
        changes.some(
          ({ value, end, void: isVoid }) => value !== undefined && end === Number.POSITIVE_INFINITY && !isVoid,
        )
      )
        return true;
    return false;
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
      check(changes, found.get(writer), begin, `${what} of ${key}`);
  }

  /** A key was taken out. With which values is known of an eviction, which may have missed some of those who left. */
  tookOut(key: string, values: readonly number[] | undefined, begin: number, what: string): void {
    const byWriter = this.#changes.get(key) ?? new Map<unknown, Change[]>();
    for (const value of values ?? [])
      check(byWriter.get(this.#writers.get(value)) ?? [], value, begin, `${what} of ${key}`);
    const wasThere = [...byWriter.values()].some((changes) =>
      changes.some(({ value }) => value !== undefined && isPossible(changes, value, begin)),
    );
    if (!wasThere) throw new Violation('nothing is taken out that was not there', `${what} found ${key}`);
  }

  /** @param change that of the call, which found nothing that it could have deleted */
  foundNone(key: string, change: Change, begin: number, what: string): void {
    change.void = true;
    this.read(key, [], begin, what);
    change.void = false;
  }

  #begin(value: number | undefined): Change {
    return { value, begin: this.now(), end: Number.POSITIVE_INFINITY, void: false };
  }

  #openDeletions(key: string): Change[] {
    return (this.#deletions.get(key) ?? []).filter(({ end }) => end === Number.POSITIVE_INFINITY);
  }
}

/** What may be read by who began to then. */
function isPossible(changes: readonly Change[], value: number | undefined, begin: number): boolean {
  const written = [origin, ...changes].filter((change) => change.value === value && !change.void);
  const newest = Math.max(-1, ...changes.filter(({ end }) => end <= begin).map((change) => change.begin));
  return written.some(({ end }) => end >= newest);
}

function check(changes: readonly Change[], value: number | undefined, begin: number, what: string): void {
  if (isPossible(changes, value, begin)) return;
  const told = changes
    .map((change) => `${change.value}[${change.begin.toFixed(1)}-${change.end.toFixed(1)}]`)
    .join(' ');
  const isWritten = value === undefined || changes.some((change) => change.value === value && !change.void);
  const name = isWritten ? 'nothing acknowledged is lost' : 'nothing is read that nobody wrote';
  throw new Violation(name, `${what} gave ${value}, asked at ${begin.toFixed(1)}; changes: ${told}`);
}

const origin: Change = { value: undefined, begin: -1, end: -1, void: false };

export type { Change };

import { Violation } from '../invariants/invariant.js';

/** A change of a key, by a call; or by a loss that had to be expected. `value` is undefined where it was deleted. */
interface Change {
  readonly value: unknown;
  readonly begin: number;
  /** When it was acknowledged; `Infinity` while it is not, which may be for ever. */
  end: number;
  /** It certainly was not made. */
  void: boolean;
}

/**
 * What clients wrote and read of single keys, each value written once. A value that is read must have been written, before the read
 * ended, and not have been replaced by what was written after it and acknowledged before the read began.
 */
export class History {
  readonly #changes = new Map<string, Change[]>();
  acknowledged = 0;
  unknown = 0;
  reads = 0;

  constructor(private readonly now: () => number) {}

  keys(): IterableIterator<string> {
    return this.#changes.keys();
  }

  begin(key: string, value: unknown): Change {
    const change: Change = { value, begin: this.now(), end: Number.POSITIVE_INFINITY, void: false };
    const changes = this.#changes.get(key);
    if (changes === undefined) this.#changes.set(key, [change]);
    else changes.push(change);
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
    for (const key of this.#changes.keys()) this.begin(key, undefined);
  }

  /** @param begin when the read began; it has just ended */
  read(key: string, value: unknown, begin: number, what: string): void {
    this.reads++;
    const changes = this.#changes.get(key) ?? [];
    const origin: Change = { value: undefined, begin: -1, end: -1, void: false };
    const written = [origin, ...changes].filter((change) => change.value === value && !change.void);
    const newest = Math.max(-1, ...changes.filter(({ end }) => end <= begin).map((change) => change.begin));
    if (written.some(({ end }) => end >= newest)) return;
    const told = changes
      .map((change) => `${change.value}[${change.begin.toFixed(1)}-${change.end.toFixed(1)}]`)
      .join(' ');
    const name = written.length === 0 ? 'nothing is read that nobody wrote' : 'nothing acknowledged is lost';
    throw new Violation(name, `${what} of ${key} gave ${value}, asked at ${begin.toFixed(1)}; changes: ${told}`);
  }
}

export type { Change };

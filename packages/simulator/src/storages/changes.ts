/** A change of a key, by a call; or by a loss that had to be expected. `value` is undefined where it was deleted. */
export interface Change {
  readonly value: number | undefined;
  readonly begin: number;
  /** When it was acknowledged; `Infinity` while it is not, which may be for ever. */
  end: number;
  /** When it was read: it was made by then, though it may be undone. `Infinity` while it was not. */
  seen: number;
  /** It certainly was not made. */
  void: boolean;
  /** What the same member asked for before it, and is made before it. */
  after: Change | undefined;
  /** When something was acknowledged that was certainly made after it. */
  replacedAt: number;
}

const never = Number.POSITIVE_INFINITY;

/** Nothing is there before the first change. */
export const origin: Change = {
  value: undefined,
  begin: -1,
  end: -1,
  seen: never,
  void: false,
  after: undefined,
  replacedAt: never,
};

const fewChanges = 64;

/** The changes of one key as one writer, or whoever deleted it, made them; and what may be read of them. */
export class Changes {
  #changes: Change[];
  #limit = fewChanges;

  /** @param horizon before which no read began that has not ended */
  constructor(
    first: readonly Change[],
    private readonly horizon: () => number,
  ) {
    this.#changes = [origin, ...first];
  }

  add(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length > this.#limit) this.#forget();
  }

  /** It is known what is there, and nothing is under way. */
  rested(value: number | undefined, now: number): void {
    this.#changes = [origin, { ...origin, value, begin: now, end: now }];
  }

  /** Whether it may be read by who began to then: nothing that was acknowledged by then has taken its place. */
  mayBe(value: number | undefined, begin: number): boolean {
    const newest = this.#newest(begin);
    return this.#changes.some((change) => change.value === value && isLeft(change, newest, begin));
  }

  /** It was read: what is written from now on takes its place for good. */
  saw(value: number, now: number): void {
    for (const change of this.#changes) if (change.value === value) change.seen = Math.min(change.seen, now);
  }

  /** Whether some value may be. */
  mayBeThere(begin: number): boolean {
    const newest = this.#newest(begin);
    return this.#changes.some((change) => change.value !== undefined && isLeft(change, newest, begin));
  }

  /** Whether some change is not acknowledged, and may have been made. */
  get isOpen(): boolean {
    return this.#changes.some(({ end, void: isVoid }) => end === never && !isVoid);
  }

  /** Writes that had not been acknowledged by then. */
  writesSince(time: number): number {
    return this.#changes.filter(({ value, end, void: isVoid }) => value !== undefined && end >= time && !isVoid).length;
  }

  toString(): string {
    return (
      this.#changes
        .filter((change) => change !== origin)
        .map(describeChange)
        .join(', ') || 'none'
    );
  }

  /** Leaves out what nobody can read any more. */
  #forget(): void {
    const horizon = this.horizon();
    const newest = this.#newest(horizon);
    this.#changes = this.#changes.filter((change) => isLeft(change, newest, horizon));
    this.#limit = Math.max(fewChanges, 2 * this.#changes.length);
  }

  /** When the last change began of those that were acknowledged by then. */
  #newest(time: number): number {
    let newest = -1;
    for (const { begin, end } of this.#changes) if (end <= time && begin > newest) newest = begin;
    return newest;
  }
}

function describeChange({ value, begin, end, void: isVoid }: Change): string {
  const until = isVoid ? 'refused' : end < Number.POSITIVE_INFINITY ? `acknowledged at ${end.toFixed(1)}` : 'open';
  return `${value ?? 'deleted'} (asked at ${begin.toFixed(1)}, ${until})`;
}

function isLeft({ end, seen, void: isVoid, replacedAt }: Change, newest: number, time: number): boolean {
  return !isVoid && Math.min(end, seen) >= newest && replacedAt > time;
}

import type { Model } from './model.js';
import type { Operation } from './operation.js';

/** An operation under way, with the bit that stands for it until it returned. */
interface Pending<Input, Output> {
  readonly operation: Operation<Input, Output>;
  readonly bit: bigint;
}

/** A return, with everything that is under way just before it. */
interface Return<Input, Output> {
  readonly returning: Pending<Input, Output>;
  readonly pending: readonly Pending<Input, Output>[];
}

/** A point of the search: which return comes next, which of the pending operations took effect already, and what they made. */
interface Configuration<State> {
  readonly at: number;
  readonly taken: bigint;
  readonly state: State;
}

const statesKept = 6;

/**
 * Looks for a linearization, after Wing and Gong (1993) with the improvements of Lowe (2017): operations take effect only just
 * before a return that needs it, and no configuration is visited twice.
 */
export class Search<State, Input, Output> {
  /** The furthest return that some order led to, and states in which it was found impossible. */
  furthest = -1;
  readonly statesThere = new Set<string>();
  readonly returns: readonly Return<Input, Output>[];
  readonly #seen = new Set<string>();
  readonly #stack: Configuration<State>[] = [];

  constructor(
    readonly model: Model<State, Input, Output>,
    operations: readonly Operation<Input, Output>[],
    readonly maxSteps: number,
  ) {
    this.returns = returnsOf(operations);
  }

  /** What returned there. */
  get impossible(): Operation<Input, Output> | undefined {
    return this.returns[this.furthest]?.returning.operation;
  }

  run(): 'found' | 'none' | 'undecided' {
    this.#stack.push({ at: 0, taken: 0n, state: this.model.initial });
    for (let next = this.#stack.pop(); next; next = this.#stack.pop()) {
      const here = this.returns[next.at];
      if (!here) return 'found';
      if (this.#wasSeen(next)) continue;
      if (this.#seen.size > this.maxSteps) return 'undecided';
      this.#note(next);
      this.#expand(next, here);
    }
    return 'none';
  }

  #expand({ at, taken, state }: Configuration<State>, { returning, pending }: Return<Input, Output>): void {
    if (taken & returning.bit) {
      this.#stack.push({ at: at + 1, taken: taken & ~returning.bit, state });
      return;
    }
    const successors: Configuration<State>[] = [];
    for (const { operation, bit } of pending) {
      if (taken & bit) continue;
      const effect = this.model.apply(state, operation.input);
      if (!effect || (operation.returned && !Object.is(effect.output, operation.returned.output))) continue;
      const changes = this.model.describe(effect.state) !== this.model.describe(state);
      const isReturning = bit === returning.bit;
      const successor = isReturning
        ? { at: at + 1, taken, state: effect.state }
        : { at, taken: taken | bit, state: effect.state };
      // What changes nothing may as well happen now; and where the outcome is unknown, never.
      const isBlind = this.model.isBlind?.(operation.input) === true;
      if (!changes && operation.returned && !isBlind) {
        this.#stack.push(successor);
        return;
      }
      if (changes || (isBlind && operation.returned)) successors.push(successor);
    }
    // The last one is the first to be gone on with: what returns soonest; what never returned, only if all else fails.
    this.#stack.push(...successors.reverse());
  }

  /** Whether this configuration was reached before, on another way. */
  #wasSeen({ at, taken, state }: Configuration<State>): boolean {
    const key = `${at} ${taken.toString(36)} ${this.model.describe(state)}`;
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    return false;
  }

  #note({ at, state }: Configuration<State>): void {
    if (at > this.furthest) {
      this.furthest = at;
      this.statesThere.clear();
    }
    if (at === this.furthest && this.statesThere.size < statesKept) this.statesThere.add(this.model.describe(state));
  }
}

/** The returns in their order, each with what is under way then: soonest to return first, what never did last. */
function returnsOf<Input, Output>(operations: readonly Operation<Input, Output>[]): Return<Input, Output>[] {
  const moments = operations.flatMap((operation) => {
    const { invoked, returned } = operation;
    const invocation = { sequence: invoked.sequence, operation, isReturn: false };
    return returned ? [invocation, { sequence: returned.sequence, operation, isReturn: true }] : [invocation];
  });
  moments.sort((a, b) => a.sequence - b.sequence);
  const pending = new Map<Operation<Input, Output>, bigint>();
  const freeBits: bigint[] = [];
  let bits = 0n;
  const returns: Return<Input, Output>[] = [];
  for (const { operation, isReturn } of moments) {
    const bit = pending.get(operation);
    if (!isReturn || bit === undefined) {
      pending.set(operation, freeBits.pop() ?? 1n << bits++);
      continue;
    }
    const all = [...pending].map(([other, otherBit]) => ({ operation: other, bit: otherBit }));
    all.sort((a, b) => returnOf(a.operation) - returnOf(b.operation));
    returns.push({ returning: { operation, bit }, pending: all });
    pending.delete(operation);
    freeBits.push(bit);
  }
  return returns;
}

function returnOf({ returned }: Operation<unknown, unknown>): number {
  return returned?.sequence ?? Number.POSITIVE_INFINITY;
}

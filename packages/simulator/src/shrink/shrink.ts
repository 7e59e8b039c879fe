import type { Overrides } from '../overrides.js';
import type { Failure, SimulationResult } from '../result.js';
import { simplifications } from './simplifications.js';

/** A run that fails. */
export interface FailingCase {
  readonly seed: number;
  readonly ticks: number;
  readonly overrides: Overrides;
  readonly result: SimulationResult;
}

export type Run = (seed: number, ticks: number, overrides: Overrides) => Promise<SimulationResult>;

/** Parts of its time that a shorter run is tried with. */
const shorterParts = [0.5, 0.75, 0.9];
/** How many other seeds are tried with half of the time, before that is given up. */
const otherSeeds = 30;

/**
 * Looks for a shorter and simpler run that breaks the same statement: less time, fewer faults, whatever can be left out of the plan left
 * out, and where that ends, other seeds with the same plan. Returns the simplest one found.
 *
 * @param mayRun whether one run more may be tried
 */
export async function shrink(run: Run, first: FailingCase, mayRun: () => boolean): Promise<FailingCase> {
  const shrinking = new Shrinking(run, first, mayRun);
  let goesOn = mayRun();
  while (goesOn) {
    await shrinking.shorten();
    await shrinking.spareFaults();
    const isSimpler = await shrinking.simplify();
    goesOn = isSimpler || (await shrinking.tryOtherSeeds());
  }
  return shrinking.best;
}

class Shrinking {
  best: FailingCase;
  readonly #statement: string | undefined;

  constructor(
    private readonly run: Run,
    first: FailingCase,
    private readonly mayRun: () => boolean,
  ) {
    this.best = cutToFailure(first);
    this.#statement = statementOf(first.result.failure);
  }

  async shorten(): Promise<void> {
    for (const part of shorterParts) {
      let isShorter = true;
      while (isShorter && this.best.ticks > 1)
        isShorter = await this.#attempt({ ticks: Math.floor(this.best.ticks * part) });
    }
  }

  /** Halves of those faults that strike are spared, then quarters, and so on down to single ones. */
  async spareFaults(): Promise<void> {
    for (let size = this.best.result.strikes.length; size >= 1; size = Math.floor(size / 2)) {
      let at = 0;
      while (at < this.best.result.strikes.length) {
        const some = this.best.result.strikes.slice(at, at + size);
        const spared = [...sparedIn(this.best.result.plan), ...some];
        if (!(await this.#attempt({ change: { spared } }))) at += size;
        if (!this.mayRun()) return;
      }
    }
  }

  /** Returns whether something could be left out of the plan. */
  async simplify(): Promise<boolean> {
    let isSimpler = false;
    let at = 0;
    for (let changes = simplifications(this.best.result.plan); at < changes.length; ) {
      if (await this.#attempt({ change: changes[at] ?? {} })) {
        isSimpler = true;
        changes = simplifications(this.best.result.plan);
      } else at++;
      if (!this.mayRun()) return false;
    }
    return isSimpler;
  }

  /** Draws the faults and the work anew, in half of the time. */
  async tryOtherSeeds(): Promise<boolean> {
    const { seed, ticks, result } = this.best;
    const overrides: Overrides = { ...Object.fromEntries(Object.entries(result.plan)), spared: [] };
    for (let other = seed + 1; other <= seed + otherSeeds && ticks > 1; other++) {
      if (await this.#attempt({ seed: other, ticks: Math.floor(ticks / 2), overrides })) return true;
      if (!this.mayRun()) return false;
    }
    return false;
  }

  async #attempt({
    seed = this.best.seed,
    ticks = this.best.ticks,
    overrides = this.best.overrides,
    change = {},
  }: Partial<FailingCase> & { readonly change?: Overrides }): Promise<boolean> {
    if (!this.mayRun()) return false;
    const changed = merged(overrides, change);
    const result = await this.run(seed, ticks, changed);
    if (statementOf(result.failure) !== this.#statement) return false;
    this.best = cutToFailure({ seed, ticks, overrides: changed, result });
    return true;
  }
}

/** What was violated; of all that has to come about in the end, what has not: `a write at b#1`. Who it is may change. */
function statementOf(failure: Failure | undefined): string | undefined {
  if (failure?.invariant !== 'liveness') return failure?.invariant;
  const [what = ''] = failure.message.split(':');
  return `liveness: ${what.replace(/\b\w+[@#]\w+/g, 'somebody')}`;
}

/** What comes after the failure does not matter; healing, if it failed there, does. */
function cutToFailure({ ticks, result, ...rest }: FailingCase): FailingCase {
  return { ...rest, ticks: Math.min(ticks, Math.ceil(result.simulatedMs)), result };
}

function sparedIn(plan: object): readonly unknown[] {
  return 'spared' in plan && Array.isArray(plan.spared) ? plan.spared : [];
}

function merged(overrides: Overrides, change: Overrides): Overrides {
  const noise = change['noise'] ? { noise: { ...(overrides['noise'] ?? {}), ...change['noise'] } } : {};
  return { ...overrides, ...change, ...noise };
}

import type { Overrides } from '../overrides.js';
import type { SimulationResult } from '../result.js';
import { simplifications } from './simplifications.js';

/** A run that fails. */
export interface FailingCase {
  readonly ticks: number;
  readonly overrides: Overrides;
  readonly result: SimulationResult;
}

export type Run = (ticks: number, overrides: Overrides) => Promise<SimulationResult>;

/** Parts of its time that a shorter run is tried with. */
const shorterParts = [0.5, 0.75, 0.9];

/**
 * Looks for a shorter and simpler run that breaks the same statement: less time, and whatever can be left out of the plan left out.
 * Gives up after `maxRuns` runs, and returns the simplest one found.
 */
export async function shrink(run: Run, first: FailingCase, maxRuns: number): Promise<FailingCase> {
  let best = cutToFailure(first);
  let runs = 0;
  const attempt = async (ticks: number, overrides: Overrides): Promise<boolean> => {
    runs++;
    const result = await run(ticks, overrides);
    if (result.failure?.invariant !== first.result.failure?.invariant) return false;
    best = cutToFailure({ ticks, overrides, result });
    return true;
  };
  let isSimpler = true;
  while (isSimpler && runs < maxRuns) {
    isSimpler = false;
    for (const part of shorterParts) {
      while (runs < maxRuns && best.ticks > 1 && (await attempt(Math.floor(best.ticks * part), best.overrides)))
        isSimpler = true;
    }
    for (const change of simplifications(best.result.plan)) {
      if (runs < maxRuns && (await attempt(best.ticks, merged(best.overrides, change)))) {
        isSimpler = true;
        break;
      }
    }
  }
  return best;
}

/** What comes after the failure does not matter; healing, if it failed there, does. */
function cutToFailure({ ticks, overrides, result }: FailingCase): FailingCase {
  return { ticks: Math.min(ticks, Math.ceil(result.simulatedMs)), overrides, result };
}

function merged(overrides: Overrides, change: Overrides): Overrides {
  const noise = change['noise'] ? { noise: { ...(overrides['noise'] ?? {}), ...change['noise'] } } : {};
  return { ...overrides, ...change, ...noise };
}

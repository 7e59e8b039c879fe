import type { Failure, SimulationResult } from '../result.js';

export interface Catch {
  /** How many seeds it took. */
  readonly seeds: number;
  readonly failure: Failure;
}

/** Runs seed after seed until an invariant speaks; undefined if none did. */
export async function hunt(
  run: (seed: number) => Promise<SimulationResult> | SimulationResult,
  from: number,
  maxSeeds: number,
): Promise<Catch | undefined> {
  for (let seeds = 1; seeds <= maxSeeds; seeds++) {
    const { failure } = await run(from + seeds - 1);
    if (failure) return { seeds, failure };
  }
  return undefined;
}

import type { Failure, SimulationResult } from '../result.js';

export interface Catch {
  /** How many seeds it took. */
  readonly seeds: number;
  readonly seed: number;
  readonly failure: Failure;
}

/** Runs seed after seed until an invariant speaks; undefined if none did. */
export async function hunt(
  run: (seed: number) => Promise<SimulationResult> | SimulationResult,
  from: number,
  maxSeeds: number,
): Promise<Catch | undefined> {
  for (let seeds = 1; seeds <= maxSeeds; seeds++) {
    const seed = from + seeds - 1;
    const { failure } = await run(seed);
    if (failure) return { seeds, seed, failure };
  }
  return undefined;
}

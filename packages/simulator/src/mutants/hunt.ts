import type { Failure } from '../result.js';
import { simulate } from '../simulation.js';
import type { CoreFactory } from '../world/cluster.js';

export interface Catch {
  /** How many seeds it took. */
  readonly seeds: number;
  readonly seed: number;
  readonly failure: Failure;
}

/** Runs seed after seed until an invariant speaks; undefined if none did. */
export function hunt(createCore: CoreFactory, from: number, maxSeeds: number, ticks: number): Catch | undefined {
  for (let seeds = 1; seeds <= maxSeeds; seeds++) {
    const seed = from + seeds - 1;
    const { failure } = simulate({ seed, ticks, createCore });
    if (failure) return { seeds, seed, failure };
  }
  return undefined;
}

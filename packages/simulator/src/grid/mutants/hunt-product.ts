import type { Failure } from '../../result.js';
import type { Product } from '../product.js';
import { simulateGrid } from '../simulate-grid.js';

export interface ProductCatch {
  /** How many seeds it took. */
  readonly seeds: number;
  readonly seed: number;
  readonly failure: Failure;
}

/** Runs seed after seed until an invariant speaks; undefined if none did. */
export async function huntProduct(
  product: Product,
  from: number,
  maxSeeds: number,
  ticks: number,
): Promise<ProductCatch | undefined> {
  for (let seeds = 1; seeds <= maxSeeds; seeds++) {
    const seed = from + seeds - 1;
    const { failure } = await simulateGrid({ seed, ticks, product });
    if (failure) return { seeds, seed, failure };
  }
  return undefined;
}

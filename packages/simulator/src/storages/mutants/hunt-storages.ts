import type { Catch } from '../../mutants/hunt.js';
import { simulateStorages } from '../simulate-storages.js';
import type { StoragesProduct } from '../storages-world.js';

/** Runs seed after seed until an invariant speaks; undefined if none did. */
export async function huntStorages(
  product: StoragesProduct,
  from: number,
  maxSeeds: number,
  ms: number,
): Promise<Catch | undefined> {
  for (let seeds = 1; seeds <= maxSeeds; seeds++) {
    const seed = from + seeds - 1;
    const { failure } = await simulateStorages({ seed, ms, product });
    if (failure) return { seeds, seed, failure };
  }
  return undefined;
}

import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** What a member reads locally never goes back, while it is the same incarnation: neither a key's revision nor what is applied. */
export class MonotonicReads implements GridInvariant {
  readonly name = 'monotonic local reads';
  readonly source = 'architecture: "Reads of a replicated collection are local"; Terry et al. 1994';
  readonly #seen = new WeakMap<Process, Map<string, number>>();

  saw(process: Process, key: string, revision = -1): void {
    process.world.counters.localReads++;
    const seen = this.#seen.get(process) ?? new Map<string, number>();
    this.#seen.set(process, seen);
    const before = seen.get(key) ?? -1;
    // A key that is not taken has no revision, and comes back with a higher one.
    if (revision === -1) return;
    if (revision < before)
      throw new Violation(this.name, `${process.name} read ${key} at ${revision}, after ${before}`);
    seen.set(key, revision);
  }

  onRejoin(process: Process): void {
    this.#seen.delete(process);
  }
}

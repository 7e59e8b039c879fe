import type { SeededRandom } from '../random.js';
import type { Cluster } from '../world/cluster.js';

/** One class of faults. */
export interface Fault {
  readonly name: string;
  /** Does the damage, and says how it is undone; undefined where there is nothing to damage now. */
  inject(cluster: Cluster, random: SeededRandom): Repair | undefined;
}

export interface Repair {
  /** After how many ms; Infinity for only when everything heals. */
  readonly after: number;
  run(): unknown;
}

/** Nothing to undo. */
export const forGood: Repair = { after: Number.POSITIVE_INFINITY, run: () => {} };

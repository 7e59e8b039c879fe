import type { SeededRandom } from '../random.js';
import type { Cluster } from '../world/cluster.js';

/** Something that users or operators do again and again while the faults rage. */
export interface Workload {
  /** Mean time between two (ms); Infinity for never. */
  readonly every: number;
  run(cluster: Cluster, random: SeededRandom): void;
}

/** Repeats it at random times until told to stop. Returns that. */
export function schedule(workload: Workload, cluster: Cluster, random: SeededRandom): () => void {
  let going = workload.every < Number.POSITIVE_INFINITY;
  const next = (): void => {
    cluster.queue.after(random.between(0, 2 * workload.every), () => {
      if (!going) return;
      workload.run(cluster, random);
      next();
    });
  };
  if (going) next();
  return () => {
    going = false;
  };
}

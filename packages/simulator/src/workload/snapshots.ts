import type { Workload } from './workload.js';

/** Members save their state and forget the log behind it. */
export function snapshots(every: number): Workload {
  return {
    every,
    run(cluster, random) {
      random.pick(cluster.running)?.takeSnapshot();
    },
  };
}

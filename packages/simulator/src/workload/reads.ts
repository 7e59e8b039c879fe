import type { Workload } from './workload.js';

/** Linearizable reads anywhere. */
export function reads(every: number): Workload {
  return {
    every,
    run(cluster, random) {
      const member = random.pick(random.chance(0.6) ? cluster.leaders : cluster.running);
      if (member) cluster.read(member);
    },
  };
}

import type { Workload } from './workload.js';

/** One to a few commands at whoever believes that it leads. */
export function proposals(every: number): Workload {
  return {
    every,
    run(cluster, random) {
      const leader = random.pick(cluster.leaders);
      for (let count = 1 + random.integer(4); count > 0; count--) {
        leader?.act((core, now) => core.propose(cluster.newCommand(), now));
      }
    },
  };
}

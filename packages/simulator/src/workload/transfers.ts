import type { Workload } from './workload.js';

/** Leaders asked to hand over. */
export function transfers(every: number): Workload {
  return {
    every,
    run(cluster, random) {
      const leader = random.pick(cluster.leaders);
      const { voters, learners } = leader?.core.configuration ?? { voters: [], learners: [] };
      const to = random.pick(random.chance(0.1) ? [...voters, ...learners] : voters);
      if (leader === undefined || to === undefined) return;
      cluster.handOver(leader, to);
    },
  };
}

/** Leaders asked to lead no more, whoever comes next. */
export function stepDowns(every: number): Workload {
  return {
    every,
    run(cluster, random) {
      const leader = random.pick(cluster.leaders);
      if (leader) cluster.stepDown(leader);
    },
  };
}

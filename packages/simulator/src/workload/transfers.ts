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

/** Leaders asked to lead no more, whoever comes next, and members asked to stand, whoever leads. */
export function stepDowns(every: number): Workload {
  return {
    every,
    run(cluster, random) {
      const leader = random.pick(cluster.leaders);
      const other = random.pick(cluster.running);
      if (leader && random.chance(0.5)) cluster.stepDown(leader);
      if (other && random.chance(0.5)) cluster.campaign(other);
    },
  };
}

import type { Workload } from './workload.js';

/** Leaders asked to hand over. */
export function transfers(every: number): Workload {
  return {
    every,
    run(cluster, random) {
      const leader = random.pick(cluster.leaders);
      const to = leader && random.pick(leader.core.configuration.voters);
      if (to === undefined) return;
      leader?.act((core, now) => {
        if (core.transferLeadership(to, now)) {
          cluster.counters.transfers++;
          cluster.note(() => `${core.self} is to hand over to ${to}`);
        }
      });
    },
  };
}

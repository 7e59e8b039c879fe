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
        const isBegun = core.transferLeadership(to, now);
        cluster.operations.add(`hand over: ${isBegun ? 'begun' : 'refused'}`);
        if (isBegun) cluster.note(() => `${core.self} is to hand over to ${to}`);
      });
    },
  };
}

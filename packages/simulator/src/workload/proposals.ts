import type { Workload } from './workload.js';

const oversizeFactor = 3;

/** One to a few commands at whoever believes that it leads; some are larger than what fits in a message. */
export function proposals(every: number): Workload {
  return {
    every,
    run(cluster, random) {
      const leader = random.pick(cluster.leaders);
      for (let count = 1 + random.integer(4); count > 0; count--) {
        const isOversize = random.chance(cluster.plan.oversize);
        const most = leader?.core.limits.maxBytesPerMessage ?? 0;
        const data = cluster.newCommand(isOversize ? oversizeFactor * most : 0);
        leader?.act((core, now) => {
          const index = core.propose(data, now);
          cluster.operations.add(`write: ${typeof index === 'number' ? 'accepted' : index}`);
          if (typeof index !== 'number') cluster.refused({ reason: index }, leader);
          if (isOversize && typeof index === 'number') cluster.faults.add('oversize proposal');
        });
      }
    },
  };
}

import type { Fault } from './fault.js';

/** A member's disk takes its time: what it answers comes long after what it heard. */
export const slowDisk: Fault = {
  name: 'slow disk',
  inject(cluster, random) {
    const member = random.pick(cluster.running);
    if (!member) return undefined;
    const usual = cluster.plan.maxDiskLatency;
    member.disk.maxLatency = random.between(50, 1000);
    cluster.note(() => `the disk of ${member.id} becomes slow`);
    return {
      after: random.between(300, 4000),
      run() {
        member.disk.maxLatency = usual;
      },
    };
  },
};

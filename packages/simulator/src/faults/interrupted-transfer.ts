import type { Fault } from './fault.js';

/** The member that is to take over stands still at that moment: it may stand for election when the grid has long moved on. */
export const interruptedTransfer: Fault = {
  name: 'interrupted transfer',
  inject(cluster, random) {
    const leader = random.pick(cluster.leaders);
    const others = leader?.core.configuration.voters.filter((id) => id !== leader.id) ?? [];
    const successor = cluster.members.get(random.pick(others) ?? '');
    if (!leader || successor?.status !== 'running') return undefined;
    cluster.handOver(leader, successor.id);
    successor.pause();
    cluster.note(() => `${leader.id} hands over to ${successor.id}, which pauses`);
    return {
      after: random.between(0.5, 3) * cluster.plan.timing.electionTimeoutInMs,
      run() {
        cluster.note(() => `${successor.id} goes on`);
        successor.resume();
      },
    };
  },
};

import { crash, restartLater } from './crashes.js';
import type { Fault } from './fault.js';

/** One member after the other is stopped and started again, as when a new version is deployed; it may be done in too great a hurry. */
export const rollingRestart: Fault = {
  name: 'rolling restart',
  inject(cluster, random) {
    if (!cluster.plan.durable) return undefined;
    const members = random.shuffled(cluster.running);
    const pause = random.between(50, 1500);
    let isOver = false;
    members.forEach((member, at) => {
      cluster.queue.after(at * pause, () => {
        if (isOver || member.status !== 'running') return;
        crash(cluster, member);
        restartLater(cluster, member, random.between(0, pause * 1.2));
      });
    });
    return {
      after: members.length * pause,
      run() {
        isOver = true;
      },
    };
  },
};

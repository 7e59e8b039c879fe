import { changeMembers } from '../workload/membership.js';
import type { Fault } from './fault.js';

/** Members come and go as fast as the grid lets them. */
export const membershipChurn: Fault = {
  name: 'membership churn',
  inject(cluster, random) {
    if (!random.pick(cluster.leaders)) return undefined;
    let isOver = false;
    const change = (): void => {
      if (isOver) return;
      changeMembers(cluster, random);
      cluster.queue.after(random.between(5, 150), change);
    };
    cluster.note(() => 'members begin to come and go');
    change();
    return {
      after: random.between(300, 3000),
      run() {
        isOver = true;
      },
    };
  },
};

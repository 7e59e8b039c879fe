import type { Operator } from '../operator.js';
import type { GridPlan } from '../plan.js';
import type { GridFault } from './grid-fault.js';

/**
 * Whether the two might be voters of two grids, and one of those lose its majority: where there are two grids, and where there may be, since
 * all were told only how many they are, and there are so many processes that not all of them know of each other (rule 4).
 */
function mayServeTwoGrids({ founding, members, expected, apart }: GridPlan, operator: Operator): boolean {
  return apart || (founding === 'count' && 2 * expected <= members + operator.twins + 1);
}

/** Somebody starts a second process with the id of one that lives. One of the two ends after a while. */
export const twin: GridFault = {
  name: 'two processes with one id',
  inject(world, random, operator) {
    const original = random.pick(world.running);
    if (!original || original.disk || operator.hasTwin(original.peerId)) return undefined;
    if (mayServeTwoGrids(world.plan, operator)) return undefined;
    const second = operator.startTwin(original.peerId);
    return {
      after: random.between(1000, 9000),
      run: () => operator.endTwin(second),
    };
  },
};

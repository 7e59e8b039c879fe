import type { Operator } from '../operator.js';
import type { GridPlan } from '../plan.js';
import type { GridFault } from './grid-fault.js';

/** Told only how many they are, so many processes that not all of them know of each other may begin a grid twice (rule 4). */
function mayBeginTwice({ founding, members, expected }: GridPlan, operator: Operator): boolean {
  return founding === 'count' && 2 * expected <= members + operator.twins + 1;
}

/** Somebody starts a second process with the id of one that lives. One of the two ends after a while. */
export const twin: GridFault = {
  name: 'two processes with one id',
  inject(world, random, operator) {
    const original = random.pick(world.running);
    if (!original || original.disk || operator.hasTwin(original.peerId)) return undefined;
    if (mayBeginTwice(world.plan, operator)) return undefined;
    const second = operator.startTwin(original.peerId);
    return {
      after: random.between(1000, 9000),
      run: () => operator.endTwin(second),
    };
  },
};

import type { GridFault } from './grid-fault.js';

/** Somebody starts a second process with the id of one that lives. One of the two ends after a while. */
export const twin: GridFault = {
  name: 'two processes with one id',
  inject(world, random, operator) {
    const original = random.pick(world.running);
    if (!original || original.disk || operator.hasTwin(original.peerId)) return undefined;
    const second = operator.startTwin(original.peerId);
    return {
      after: random.between(1000, 9000),
      run: () => operator.endTwin(second),
    };
  },
};

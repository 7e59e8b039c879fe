import type { Process } from '../world/process.js';
import { forGood, type GridFault } from './grid-fault.js';

/**
 * A member saves its state now, and forgets the log behind it: who is behind that needs the snapshot. Somebody keeps what it holds, too, for those
 * that come back with nothing.
 */
export const snapshot: GridFault = {
  name: 'snapshot in mid-traffic',
  inject(world, random, operator) {
    const process = (random.chance(0.5) ? random.pick(world.leaders) : undefined) ?? random.pick(world.running);
    if (!process?.core) return undefined;
    world.note(() => `${process.name} takes a snapshot`);
    takeSnapshot(process);
    operator.keep(process);
    return forGood;
  },
};

/** Where it pauses, it does so later, if it is in a grid then. */
export function takeSnapshot(process: Process): void {
  process.act(() => {
    const { core } = process;
    if (!core) return;
    process.hamok.raft?.takeSnapshot().catch((error: Error) => {
      // It left before its turn came.
      const isOver = process.core !== core && 'code' in error && error.code === 'closed';
      if (!isOver) process.world.failed(process, error);
    });
  });
}

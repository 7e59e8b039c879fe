import type { GridFault } from './grid-fault.js';
import { takeSnapshot } from './snapshot.js';

/**
 * A store of snapshots does not keep what it is given, or not give what it keeps, now and then or always, while snapshots are taken, sent
 * and installed. The grid goes on without them.
 */
export const failingSnapshots: GridFault = {
  name: 'failing snapshots',
  inject(world, random) {
    const process = (random.chance(0.5) ? random.pick(world.leaders) : undefined) ?? random.pick(world.running);
    if (!process?.core) return undefined;
    const chance = random.pick([0.2, 0.5, 1]) ?? 1;
    const after = random.between(500, 5000);
    process.snapshots.trouble = { chance, random: random.fork() };
    world.note(() => `the store of snapshots of ${process.name} fails ${100 * chance} % of the time`);
    for (let at = 0; at < after; at += random.between(200, 1500))
      world.queue.after(at, () => {
        if (process.core) takeSnapshot(process);
      });
    return {
      after,
      run() {
        world.note(() => `the store of snapshots of ${process.name} is mended`);
        process.snapshots.trouble = undefined;
      },
    };
  },
};

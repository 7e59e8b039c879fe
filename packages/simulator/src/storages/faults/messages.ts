import type { Fate } from '@hamok/collections/testing';
import type { StorageFault } from './storage-fault.js';

const fates: readonly Fate[] = ['commit', 'commit-unheard', 'commit-twice', 'refuse', 'lose', 'delay'];

/** Of changes of who takes part: what a member proposes is sent again until it is applied. */
export const proposals: StorageFault = {
  name: 'proposals lost, late or doubled',
  inject(world, random) {
    world.note(() => 'proposals get lost, late or doubled');
    world.grid.fate = () => random.pick(fates) ?? 'commit';
    return {
      after: random.between(50, 2500),
      run() {
        world.note(() => 'proposals arrive again');
        world.grid.fate = () => 'commit';
        world.grid.release();
      },
    };
  },
};

export const partition: StorageFault = {
  name: 'frames cut off',
  inject(world, random) {
    const hosts = world.living.map(({ host }) => host.id);
    const cut: string[] = [];
    for (const from of hosts)
      for (const to of hosts) {
        if (!random.chance(0.3)) continue;
        world.network.cut(from, to);
        if (from !== to) cut.push(`${from}>${to}`);
      }
    world.note(() => `frames are cut off: ${cut.join(' ')}`);
    return {
      after: random.between(50, 2500),
      run() {
        world.note(() => 'no frames are cut off any more');
        world.network.heal();
      },
    };
  },
};

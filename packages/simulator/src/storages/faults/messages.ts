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

/** What one sends another is lost for a while, and only that. */
export const deafness: StorageFault = {
  name: 'one who does not hear one other',
  inject(world, random) {
    const [from, to] = random.shuffled(world.living).map(({ host }) => host.id);
    if (from === undefined || to === undefined) return undefined;
    world.note(() => `${to} does not hear ${from}`);
    world.network.cut(from, to);
    return {
      after: random.between(100, 4000),
      run() {
        world.note(() => `${to} hears ${from} again`);
        world.network.mend(from, to);
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

import type { SeededRandom } from '../../random.js';
import type { Taker } from '../storages-world.js';
import type { StorageFault } from './storage-fault.js';

/** Members that are fewer than half hear each other, and neither the log nor the rest. Some of them are removed meanwhile. */
export const minority: StorageFault = {
  name: 'a minority cut off',
  inject(world, random) {
    const others = world.running.filter(({ host }) => host.id !== world.grid.leader);
    const most = Math.min(others.length, Math.ceil(world.grid.members.length / 2) - 1);
    if (most < 1) return undefined;
    const some = drawn(random, others, random.chance(0.6) ? most : 1 + random.integer(most));
    const ids = some.map(({ host }) => host.id);
    world.note(() => `${ids} are cut off`);
    const rest = world.living.map(({ host }) => host.id).filter((id) => !ids.includes(id));
    for (const one of ids) for (const other of rest) world.network.cut(one, other).cut(other, one);
    for (const { host } of some) host.lags = true;
    const gone = world.unsettled();
    const removed: Taker[] = [];
    const count = random.chance(0.7) ? some.length : 0;
    for (const taker of some.slice(0, count)) {
      if (!world.mayGo(taker)) break;
      removed.push(taker);
      const { id } = taker.host;
      world.later(random.between(0, 600), () => {
        const isStillThere = taker.host.id === id && taker.host.status !== 'dead';
        if (isStillThere && world.canSpare(taker)) world.remove(taker);
      });
    }
    return {
      after: random.between(500, 6000),
      run() {
        world.note(() => `${ids} are connected again`);
        world.network.heal();
        for (const { host } of some) host.lags = false;
        for (const taker of removed)
          world.later(random.between(0, 1000), () => {
            world.abdicate(taker);
            world.remove(taker);
            void world.reincarnate(taker, random.chance(0.5) ? 'snapshot' : 'log');
          });
        gone();
      },
    };
  },
};

/** So many of them. */
function drawn<T>(random: SeededRandom, all: readonly T[], count: number): T[] {
  const left = [...all];
  return Array.from({ length: count }, () => left.splice(random.integer(left.length), 1)).flat();
}

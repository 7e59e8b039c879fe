import type { SeededRandom } from '../../random.js';
import type { StoragesWorld, Taker } from '../storages-world.js';
import type { StorageFault } from './storage-fault.js';

/** It is removed while it runs, or stands still, and goes on as if it were not until it knows. */
function removal(
  name: string,
  learns: (world: StoragesWorld, random: SeededRandom, taker: Taker) => void,
): StorageFault {
  return {
    name,
    inject(world, random) {
      const taker = random.pick(world.running.filter(({ host }) => host.id !== world.grid.leader));
      if (taker === undefined || !world.mayGo(taker)) return undefined;
      const gone = world.unsettled();
      const { id } = taker.host;
      const lags = random.chance(0.5);
      world.note(() => `${taker.host.id} ${lags ? 'lags' : 'stands still'}, and is to be removed`);
      if (lags) taker.host.lags = true;
      else taker.host.stop();
      world.later(random.between(0, 1500), () => {
        const isStillThere = taker.host.id === id && world.grid.leader !== id;
        if (isStillThere && world.canSpare(taker)) world.remove(taker);
      });
      return {
        after: random.between(0, 4000),
        run() {
          world.note(() => `${taker.host.id} goes on`);
          taker.host.resume();
          taker.host.lags = false;
          world.later(random.between(0, 1000), () => {
            world.abdicate(taker);
            world.remove(taker);
            learns(world, random, taker);
          });
          gone();
        },
      };
    },
  };
}

export const removed = removal('removal of one that lives', (world, _random, taker) => {
  taker.host.kill();
  world.join(taker.host.name);
});

export const returned = removal('a member that comes back as another', (world, random, taker) => {
  void world.reincarnate(taker, random.chance(0.5) ? 'snapshot' : 'log');
});

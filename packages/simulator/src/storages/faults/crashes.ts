import type { SeededRandom } from '../../random.js';
import type { StoragesWorld, Taker } from '../storages-world.js';
import type { StorageFault } from './storage-fault.js';

export const crash: StorageFault = {
  name: 'crash',
  inject(world, random) {
    const taker = random.pick(world.running);
    if (taker === undefined || !world.mayGo(taker)) return undefined;
    fell(world, taker);
    return { after: random.between(0, 2500), run: () => replace(world, random, taker) };
  },
};

export function fell(world: StoragesWorld, taker: Taker): void {
  world.note(() => `${taker.host.id} crashes`);
  world.abdicate(taker);
  taker.host.kill();
}

/** The log says that it is gone, and maybe another process comes in its place. */
export function replace(world: StoragesWorld, random: SeededRandom, taker: Taker): void {
  world.remove(taker);
  if (random.chance(0.8)) world.later(random.between(0, 1000), () => world.join(taker.host.name));
}

import type { SeededRandom } from '../../random.js';
import type { StoragesWorld } from '../storages-world.js';
import type { StorageFault } from './storage-fault.js';

const nothing = (): void => undefined;

export const join: StorageFault = {
  name: 'a member more',
  inject(world, random) {
    const name = newcomer(world, random);
    if (name === undefined) return undefined;
    world.join(name);
    return { after: 0, run: nothing };
  },
};

/** The log that a member has not applied yet is gone, and it is given the state instead: one that is there, or that joins. */
export const snapshot: StorageFault = {
  name: 'a snapshot in place of the log',
  inject(world, random) {
    const others = world.running.filter(({ host }) => host.id !== world.grid.leader);
    const name = random.chance(0.5) ? newcomer(world, random) : undefined;
    const host = name === undefined ? random.pick(others)?.host : world.join(name, true);
    if (host === undefined) return undefined;
    world.note(() => `${host.id} lags, until it is given a snapshot`);
    host.lags = true;
    return { after: random.between(10, 1500), run: () => void world.sendSnapshot(host) };
  },
};

/** Who could join. */
function newcomer(world: StoragesWorld, random: SeededRandom): string | undefined {
  const free = ['f', 'g', 'h'].filter((name) => world.living.every(({ host }) => host.name !== name));
  return world.running.length > 5 ? undefined : random.pick(free);
}

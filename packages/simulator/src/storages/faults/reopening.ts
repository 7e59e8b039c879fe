import type { StorageFault } from './storage-fault.js';

/** One ends taking part in the storage, and begins again, though its process goes on. */
export const reopening: StorageFault = {
  name: 'a storage closed and opened again',
  inject(world, random) {
    const taker = random.pick(world.running);
    if (taker === undefined || !world.mayGo(taker)) return undefined;
    world.close(taker);
    return {
      after: random.between(0, 2000),
      run() {
        if (taker.host.status === 'dead' || taker.host.removed) return;
        world.note(() => `${taker.host.id} opens the storage again`);
        world.reopen(taker);
      },
    };
  },
};

import type { StorageFault } from './storage-fault.js';

export const stop: StorageFault = {
  name: 'a process that stands still',
  inject(world, random) {
    const taker = random.pick(world.running.filter(({ host }) => host.id !== world.grid.leader));
    if (taker === undefined) return undefined;
    world.note(() => `${taker.host.id} stands still`);
    taker.host.stop();
    return {
      after: random.between(10, 3000),
      run() {
        world.note(() => `${taker.host.id} goes on`);
        taker.host.resume();
      },
    };
  },
};

export const lag: StorageFault = {
  name: 'a member behind the log',
  inject(world, random) {
    const taker = random.pick(world.running.filter(({ host }) => host.id !== world.grid.leader));
    if (taker === undefined) return undefined;
    world.note(() => `${taker.host.id} lags`);
    taker.host.lags = true;
    return {
      after: random.between(10, 3000),
      run() {
        world.note(() => `${taker.host.id} lags no more`);
        taker.host.lags = false;
      },
    };
  },
};

import type { StorageFault } from './storage-fault.js';

/** Seldom for longer than a call waits at first: whoever waits for it then does not work on what it was asked for. */
export const stop: StorageFault = {
  name: 'a process that stands still',
  inject(world, random) {
    const taker = random.pick(world.running.filter(({ host }) => host.id !== world.grid.leader));
    if (taker === undefined) return undefined;
    world.note(() => `${taker.host.id} stands still`);
    taker.host.stop();
    return {
      after: random.chance(0.2) ? random.between(3000, 8000) : random.between(10, 3000),
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

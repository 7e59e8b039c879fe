import { drained } from '../../src/grid/world/turn.js';
import type { StoragesWorld } from '../../src/storages/storages-world.js';

/** Lets time pass in a world that has just begun: so many ms a call, with all that is due meanwhile. */
export async function passing(world: StoragesWorld): Promise<(ms: number) => Promise<void>> {
  await drained();
  return async (ms) => {
    const until = world.queue.now + ms;
    while (world.queue.runNext(until)) await drained();
  };
}

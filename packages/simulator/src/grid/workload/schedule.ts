import type { SeededRandom } from '../../random.js';
import type { World } from '../world/world.js';
import type { Client } from './client.js';

/** Lets clients call at random times, at random processes, until told to stop. Returns that. */
export function scheduleCalls(world: World, clients: readonly Client[], random: SeededRandom): () => void {
  const weighted = clients.flatMap((client) => Array.from({ length: client.weight }, () => client));
  let going = true;
  const next = (): void => {
    world.queue.after(random.between(0, 2 * world.plan.callEvery), () => {
      if (!going) return;
      const [process, client] = [random.pick(world.serving), random.pick(weighted)];
      process?.act(() => void client?.call(process, random));
      next();
    });
  };
  next();
  return () => {
    going = false;
  };
}

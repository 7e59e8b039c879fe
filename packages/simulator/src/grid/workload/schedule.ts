import type { SeededRandom } from '../../random.js';
import type { Operator } from '../operator.js';
import type { World } from '../world/world.js';

/** Lets clients call at random times, at random processes, until told to stop. Returns that. */
export function scheduleWork(world: World, operator: Operator, random: SeededRandom): () => void {
  let going = true;
  const next = (): void => {
    world.queue.after(random.between(0, 2 * world.plan.callEvery), () => {
      if (!going) return;
      const process = random.pick(world.running);
      process?.act(() => void operator.maps.call(process, random));
      next();
    });
  };
  next();
  return () => {
    going = false;
  };
}

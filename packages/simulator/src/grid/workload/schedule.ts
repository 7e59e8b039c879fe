import type { SeededRandom } from '../../random.js';
import type { World } from '../world/world.js';
import type { Client } from './client.js';
import { askForChange } from './membership.js';

/** Lets clients call at random processes, and operators change members and leaders, until told to stop. Returns that. */
export function scheduleCalls(world: World, clients: readonly Client[], random: SeededRandom): () => void {
  const weighted = clients.flatMap((client) => Array.from({ length: client.weight }, () => client));
  const { callEvery, membershipEvery } = world.plan;
  const stops = [
    repeat(world, callEvery, random.fork(), (stream) => {
      const [process, client] = [stream.pick(world.serving), stream.pick(weighted)];
      process?.act(() => void client?.call(process, stream));
    }),
    repeat(world, membershipEvery, random.fork(), (stream) => askForChange(world, stream)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Does something at random times, with so many ms between two on average. Returns what ends it. */
function repeat(world: World, every: number, random: SeededRandom, run: (random: SeededRandom) => void): () => void {
  let going = every < Number.POSITIVE_INFINITY;
  const next = (): void => {
    world.queue.after(random.between(0, 2 * every), () => {
      if (!going) return;
      run(random);
      next();
    });
  };
  if (going) next();
  return () => {
    going = false;
  };
}

import type { SeededRandom } from '../../random.js';
import { dismiss } from '../workload/membership.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import type { GridFault } from './grid-fault.js';
import { cut, hostsOf } from './partitions.js';
import { takeSnapshot } from './snapshot.js';

/**
 * A process hears nothing, though it is heard, while the others go on and forget the log that it lacks. When it is back it takes over a
 * snapshot, in which are the outcomes of what it asked for meanwhile; or finds that it was removed, and cannot know them.
 */
export const leftBehind: GridFault = {
  name: 'left behind by compaction',
  inject(world, random) {
    const leader = random.pick(world.leaders);
    const deaf = random.pick(world.running.filter((other) => other !== leader));
    if (!leader || !deaf) return undefined;
    const after = random.between(300, 2500);
    for (let at = after / 2; at < after + 300; at += random.between(100, 400))
      world.queue.after(at, () => compact(world, random, deaf));
    const others = hostsOf(world).filter((host) => host !== deaf.host);
    const links = others.map((host) => [host, deaf.host] as const);
    const repair = cut(world, links, after);
    let isOver = false;
    if (random.chance(0.4))
      world.queue.after(0.8 * after, () => {
        if (!isOver) dismissFrom(world, random, deaf);
      });
    return {
      after,
      run() {
        isOver = true;
        repair.run();
      },
    };
  },
};

function dismissFrom(world: World, random: SeededRandom, deaf: Process): void {
  const leader = random.pick(world.leaders.filter((other) => other !== deaf));
  if (leader && deaf.status === 'running') dismiss(world, leader, deaf);
}

function compact(world: World, random: SeededRandom, except: Process): void {
  for (const process of world.running)
    if (process !== except && process.core && random.chance(0.7)) takeSnapshot(process);
}

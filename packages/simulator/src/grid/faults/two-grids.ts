import type { World } from '../world/world.js';

/** For how long the sides do not see each other: longer than each looks for others. */
const apart = 12_000;

/**
 * Members that were told nothing of each other start in two places that are not connected, and become two grids. Then they meet, and
 * go on apart.
 */
export function startApart(world: World, hosts: readonly string[]): void {
  const { network } = world.fabric;
  const half = hosts.length >> 1;
  const [left, right] = [hosts.slice(0, half), hosts.slice(half)];
  for (const a of left) {
    for (const b of right) {
      network.cut(a, b);
      network.cut(b, a);
    }
  }
  world.queue.after(apart, () => {
    for (const a of left) {
      for (const b of right) {
        network.mend(a, b);
        network.mend(b, a);
      }
    }
    world.note(() => 'the grids meet');
    world.faults.add('two grids meeting');
  });
}

import { crash } from './crashes.js';
import { join } from './newcomers.js';
import { reopening } from './reopening.js';
import type { StorageFault } from './storage-fault.js';

const changes = [crash, join, join, reopening];
const withinMs = 200;

/** Who takes part changes, and again before everybody has told and copied what belongs to the change before. */
export const burst: StorageFault = {
  name: 'several changes of the members at once',
  inject(world, random) {
    world.note(() => 'the members change, one soon after the other');
    for (let count = 2 + random.integer(3); count > 0; count--) {
      const own = random.fork();
      world.later(own.between(0, withinMs), () => {
        const repair = own.pick(changes)?.inject(world, own);
        if (repair !== undefined) world.later(repair.after, repair.run);
      });
    }
    return { after: 0, run: () => undefined };
  },
};

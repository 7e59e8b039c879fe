import { Violation } from '../../invariants/invariant.js';
import { mapOf } from '../workload/collections.js';
import { forGood, type GridFault } from './grid-fault.js';

/** A program wants to store what is larger than a command may be. It is refused at once, and nothing happened. */
export const oversize: GridFault = {
  name: 'oversize proposal',
  inject(world, random) {
    const process = random.pick(world.serving);
    if (!process) return undefined;
    const value = 'x'.repeat(world.plan.maxCommandBytes + random.integer(1000));
    process.act(() => {
      mapOf(process)
        .set('large', value)
        .then(
          () => world.violate(new Violation('too large', `${process.name} stored ${value.length} bytes`)),
          (error: unknown) => {
            const code = error instanceof Error && 'code' in error ? error.code : undefined;
            // Whoever has too much under way hears of that first.
            if (code !== 'too-large' && code !== 'busy')
              world.violate(new Violation('too large', `${process.name}: ${error}`));
          },
        );
    });
    return forGood;
  },
};

import { describeNoise } from '../../world/network.js';
import type { GridFault } from './grid-fault.js';

/** For a while the network loses, repeats, delays and reorders much of what it carries. */
export const storm: GridFault = {
  name: 'network storm',
  inject(world, random) {
    const { network } = world.fabric;
    network.noise = {
      loss: random.between(0, 0.4),
      duplication: random.between(0, 0.3),
      minDelay: 0.5,
      maxDelay: random.between(5, 400),
      straggling: 0.1,
      fifo: false,
    };
    world.note(() => `a storm: the network ${describeNoise(network.noise)}`);
    return {
      after: random.between(200, 4000),
      run() {
        world.note(() => 'the storm is over');
        network.noise = world.plan.noise;
      },
    };
  },
};

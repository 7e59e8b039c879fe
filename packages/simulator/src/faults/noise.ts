import { describeNoise } from '../world/network.js';
import type { Fault } from './fault.js';

/** For a while the network loses, repeats and delays much of what it carries. */
export const storm: Fault = {
  name: 'network storm',
  inject(cluster, random) {
    cluster.network.noise = {
      loss: random.between(0, 0.5),
      duplication: random.between(0, 0.3),
      minDelay: 0.5,
      maxDelay: random.between(5, 400),
      straggling: 0.1,
      fifo: false,
    };
    cluster.note(() => `a storm: the network ${describeNoise(cluster.network.noise)}`);
    return {
      after: random.between(200, 3000),
      run() {
        cluster.note(() => 'the storm is over');
        cluster.network.noise = cluster.plan.noise;
      },
    };
  },
};

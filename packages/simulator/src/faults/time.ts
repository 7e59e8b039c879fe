import { type Fault, forGood } from './fault.js';

/** A member stands still, as in a long garbage collection, and then finds everything that came meanwhile. */
export const pause: Fault = {
  name: 'pause',
  inject(cluster, random) {
    const member = (random.chance(0.5) ? random.pick(cluster.leaders) : undefined) ?? random.pick(cluster.running);
    if (!member) return undefined;
    member.pause();
    cluster.note(() => `${member.id} pauses`);
    return {
      after: random.between(50, random.chance(0.5) ? 800 : 4000),
      run() {
        cluster.note(() => `${member.id} goes on`);
        member.resume();
      },
    };
  },
};

/** A member's clock runs fast or slow. */
export const skew: Fault = {
  name: 'clock skew',
  inject(cluster, random) {
    const member = random.pick(cluster.running);
    if (!member) return undefined;
    member.clock.setRate(random.between(0.7, 1.4));
    return { after: random.between(500, 5000), run: () => member.clock.setRate(1) };
  },
};

/** A member's clock jumps, forward or back. */
export const jump: Fault = {
  name: 'clock jump',
  inject(cluster, random) {
    const member = random.pick(cluster.running);
    if (!member) return undefined;
    member.clock.jump(random.between(-300, 3000));
    return forGood;
  },
};

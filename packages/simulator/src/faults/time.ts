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
    const rate = random.between(0.7, 1.4);
    member.clock.setRate(rate);
    cluster.note(() => `the clock of ${member.id} runs ${rate.toFixed(2)} times as fast`);
    return {
      after: random.between(500, 5000),
      run() {
        cluster.note(() => `the clock of ${member.id} runs right again`);
        member.clock.setRate(1);
      },
    };
  },
};

/** A member's clock jumps, forward or back. */
export const jump: Fault = {
  name: 'clock jump',
  inject(cluster, random) {
    const member = random.pick(cluster.running);
    if (!member) return undefined;
    const by = random.between(-300, 3000);
    // What it is asked may tell a core no time; it is to know what its clock showed, from which it never goes back.
    member.act((core, now) => core.tick(now));
    member.clock.jump(by);
    cluster.note(() => `the clock of ${member.id} jumps by ${Math.round(by)} ms`);
    return forGood;
  },
};

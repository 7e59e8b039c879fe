import { forGood, type GridFault } from './grid-fault.js';

/** A process stands still, as in a long garbage collection, and then finds everything that came meanwhile, now and then in another order. */
export const pause: GridFault = {
  name: 'pause of a member',
  inject(world, random) {
    const process = (random.chance(0.5) ? random.pick(world.leaders) : undefined) ?? random.pick(world.running);
    if (!process) return undefined;
    const isOutOfOrder = random.chance(0.5);
    process.pause();
    world.note(() => `${process.name} pauses`);
    return {
      after: random.between(50, random.chance(0.5) ? 1500 : 7000),
      run() {
        world.note(() => `${process.name} goes on`);
        if (!isOutOfOrder || process.status !== 'paused') return process.resume();
        world.faults.add('frames out of order after a pause');
        process.resume((frames) => random.shuffled(frames));
      },
    };
  },
};

/** What passes on a clock while 1 ms passes. */
export const slowestClock = 0.7;

/** A clock runs fast or slow. */
export const skew: GridFault = {
  name: 'clock skew',
  inject(world, random) {
    const process = random.pick(world.running);
    if (!process) return undefined;
    const rate = random.between(slowestClock, 1.4);
    process.clock.setRate(rate);
    world.note(() => `the clock of ${process.name} runs ${rate.toFixed(2)} times as fast`);
    return {
      after: random.between(500, 8000),
      run() {
        world.note(() => `the clock of ${process.name} runs right again`);
        process.clock.setRate(1);
      },
    };
  },
};

/** A clock jumps: the monotonic one forward, as after a suspension; the wall clock either way. */
export const jump: GridFault = {
  name: 'clock jump',
  inject(world, random) {
    const process = random.pick(world.running);
    if (!process) return undefined;
    const isMonotonic = random.chance(0.5);
    const by = isMonotonic ? random.between(0, 5000) : random.between(-3_600_000, 3_600_000);
    if (isMonotonic) process.clock.jump(by);
    else process.clock.jumpWall(by);
    world.note(() => `the ${isMonotonic ? '' : 'wall '}clock of ${process.name} jumps by ${Math.round(by)} ms`);
    return forGood;
  },
};

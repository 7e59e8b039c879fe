import * as product from 'hamok';
import { Operator } from '../../src/grid/operator.js';
import { type GridPlan, gridPlanOf } from '../../src/grid/plan.js';
import type { Process } from '../../src/grid/world/process.js';
import { World } from '../../src/grid/world/world.js';
import { SeededRandom } from '../../src/random.js';
import { calm } from '../../src/world/network.js';
import { Trace } from '../../src/world/trace.js';

const quiet: Partial<GridPlan> = {
  founding: 'list',
  apart: false,
  misinformed: false,
  guests: 0,
  passive: 0,
  durability: 'none',
  noise: calm,
  startWithin: 0,
  firstAloneFor: 0,
  removeDeadAfter: 0,
};

/** A world of whole members in which nobody has started. */
export function anEmptyWorld(members: number, seed = 1) {
  const random = new SeededRandom(seed);
  const plan = { ...gridPlanOf(random.fork()), ...quiet, members };
  const world = new World(plan, product, random.fork(), [], new Trace(undefined));
  const operator = new Operator(world, random.fork());
  const until = async (isSo: () => boolean): Promise<void> => {
    const latest = world.queue.now + 20_000;
    while (!isSo()) {
      if (world.queue.now > latest) throw new Error('it does not come to that');
      await world.runFor(10);
    }
  };
  const on = (host: string): Process => {
    const process = world.on(host);
    if (!process) throw new Error(`nobody is on ${host}`);
    return process;
  };
  const haveJoined = (): boolean => world.living.length === members && world.living.every(({ hasJoined }) => hasJoined);
  return { world, operator, until, on, haveJoined };
}

/** A grid that all have joined. */
export async function aWorld(members: number) {
  const begun = anEmptyWorld(members);
  begun.operator.coldStart();
  await begun.until(begun.haveJoined);
  return begun;
}

import type { Configuration } from '@hamok/raft';
import { openConfigurations } from '../../faults/open-configurations.js';
import { membersOf } from '../../invariants/invariant.js';
import type { SeededRandom } from '../../random.js';
import type { Operator } from '../operator.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import type { GridFault, Repair } from './grid-fault.js';

/** A process ends without a word, and with all that it knew; another with its id starts a while later. */
export const crash: GridFault = {
  name: 'crash without durable state',
  weight: 4,
  inject(world, random, operator) {
    if (world.plan.durability === 'always') return undefined;
    const victim = victimOf(world, random);
    return victim && survives(world, victim) ? crashAndRestart(random, operator, victim) : undefined;
  },
};

/** A process ends without a word, and comes back with what its disk holds: as the member that it was. */
export const durableCrash: GridFault = {
  name: 'crash with durable state',
  weight: 4,
  inject(world, random, operator) {
    if (world.plan.durability !== 'always') return undefined;
    const victim = victimOf(world, random);
    return victim && crashAndRestart(random, operator, victim);
  },
};

/** All of them at once. */
export const blackout: GridFault = {
  name: 'blackout',
  inject(world, random, operator) {
    if (world.plan.durability !== 'always' || !random.chance(0.3)) return undefined;
    const repairs = world.living.map((process) => crashAndRestart(random, operator, process));
    return {
      after: random.between(0, 3000),
      run() {
        for (const repair of repairs) repair.run();
      },
    };
  },
};

function crashAndRestart(random: SeededRandom, operator: Operator, victim: Process): Repair {
  victim.world.note(() => `${victim.name} crashes`);
  victim.kill();
  if (random.chance(0.5)) victim.world.fabric.repeat(victim);
  return {
    after: random.between(0, random.chance(0.5) ? 300 : 8000),
    run: () => operator.restart(victim.host),
  };
}

/** Leaders die more often than others: that is where the danger is. */
function victimOf(world: World, random: SeededRandom): Process | undefined {
  return (random.chance(0.5) ? random.pick(world.leaders) : undefined) ?? random.pick(world.living);
}

/**
 * Rule 6: nothing is promised where half of the voters count as failed. Whether every configuration that names this process, and may yet
 * be gone by, keeps a majority of living voters without it, and without those that are about to go; also where a learner is promoted that
 * dies in that moment.
 */
export function survives(world: World, victim: Process): boolean {
  const alive = new Set(
    world.living.filter((process) => process !== victim && !world.departing.has(process)).map(({ member }) => member),
  );
  return configurationsWith(victim).every(({ voters, learners }) => {
    const living = voters.filter((voter) => alive.has(voter)).length;
    const dead = voters.length - living + learners.filter((learner) => !alive.has(learner)).length;
    return living > dead;
  });
}

/** For so long a leader may take one that has died for one that follows (ms): that had answered when all were asked last. */
const missedWithin = 2000;

/** Whether a process may ask to leave: a leader lets nobody go whom the others need, once it knows who they are. */
export function mayLeave(world: World, process: Process): boolean {
  return world.queue.now - world.diedAt > missedWithin || survives(world, process);
}

/** The configurations that name this process, of those that any grid of the living may yet go by. */
export function configurationsWith({ world, member = '' }: Process): Configuration[] {
  const grids = new Set(world.living.flatMap(({ core, gridId }) => (core ? [gridId] : [])));
  const configurations = [...grids].flatMap((gridId) =>
    openConfigurations(
      world.processes.flatMap((process) => (process.gridId === gridId ? (process.core?.log ?? []) : [])),
    ),
  );
  return configurations.filter((configuration) => membersOf(configuration).includes(member));
}

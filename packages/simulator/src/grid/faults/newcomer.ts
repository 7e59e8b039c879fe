import { membersOf } from '../../invariants/invariant.js';
import type { SeededRandom } from '../../random.js';
import { dismiss } from '../workload/membership.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import type { GridFault } from './grid-fault.js';
import { cut, hostsOf, type Link } from './partitions.js';

const lookEvery = 5;
const lookFor = 2000;

/**
 * A member that is let in is not heard from that moment on. It learns that it is one; then it hears nothing, either, and is removed meanwhile.
 * What it goes on asking for was asked by a member that has gone.
 */
export const newcomerCutOff: GridFault = {
  name: 'newcomer cut off',
  inject(world, random, operator) {
    if (world.leaders.length === 0) return undefined;
    const guest = operator.startGuest();
    if (guest === undefined) return undefined;
    let isOver = false;
    const until = world.queue.now + lookFor;
    const look = (): void => {
      if (isOver || world.queue.now > until) return;
      const newcomer = world.running.find(({ peerId }) => peerId === guest);
      const leader = newcomer && leaderThatLets(world, newcomer);
      if (newcomer && leader) cutOff(world, random, newcomer, leader, () => isOver);
      else world.queue.after(lookEvery, look);
    };
    look();
    return {
      after: random.between(3000, 8000),
      run() {
        isOver = true;
        operator.endGuest(guest);
      },
    };
  },
};

function leaderThatLets(world: World, { member = '' }: Process): Process | undefined {
  return world.leaders.find(({ core }) => core?.configuration.learners.includes(member));
}

function cutOff(world: World, random: SeededRandom, newcomer: Process, leader: Process, isOver: () => boolean): void {
  const { host } = newcomer;
  const others = hostsOf(world).filter((other) => other !== host);
  const unheard = cut(
    world,
    others.map((other): Link => [host, other]),
    0,
  );
  let deaf = unheard;
  world.queue.after(random.between(50, 300), () => {
    const { core, member = '' } = newcomer;
    if (isOver() || !core || !membersOf(core.log.configurationAt(core.log.appliedIndex)).includes(member)) return;
    deaf = cut(
      world,
      others.map((other): Link => [other, host]),
      0,
    );
    dismiss(world, leader, newcomer);
  });
  world.queue.after(random.between(400, 900), () => {
    unheard.run();
    if (deaf !== unheard) deaf.run();
  });
}

import { idOf } from '@hamok/raft';
import type { SeededRandom } from '../../random.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { forGood, type GridFault, type Repair } from './grid-fault.js';

const fewestVoters = 3;

/** Members come and go by the book: one leaves and comes back, another joins for a while, one is removed, the leader hands over. */
export const churn: GridFault = {
  name: 'membership churn',
  inject(world, random, operator) {
    const leader = random.pick(world.leaders);
    const voters = leader?.core?.configuration.voters ?? [];
    if (!leader) return undefined;
    switch (random.integer(4)) {
      case 0:
        return voters.length > fewestVoters ? leaveAndReturn(world, random) : undefined;
      case 1: {
        const guest = operator.startGuest();
        return guest && { after: random.between(3000, 15_000), run: () => operator.endGuest(guest) };
      }
      case 2:
        return voters.length > fewestVoters ? remove(leader, random.pick(voters)) : undefined;
      default:
        return handOver(leader);
    }
  },
};

function leaveAndReturn(world: World, random: SeededRandom): Repair | undefined {
  const process = random.pick(world.running.filter(({ hasJoined }) => hasJoined));
  if (!process) return undefined;
  world.note(() => `${process.name} leaves`);
  process.act(() => {
    world.departing.add(process);
    const isOver = () => world.departing.delete(process);
    process.hamok.leave().then(isOver, isOver);
  });
  return {
    after: random.between(1000, 8000),
    run: () => process.act(() => process.start()),
  };
}

/** It runs on, and comes back as another incarnation. */
function remove(leader: Process, member: string | undefined): Repair | undefined {
  if (member === undefined) return undefined;
  leader.world.note(() => `${leader.name} is to remove ${member}`);
  leader.act(() => void leader.hamok.raft?.removeMember(idOf(member)).catch(() => undefined));
  return forGood;
}

function handOver(leader: Process): Repair {
  leader.world.note(() => `${leader.name} is to hand over`);
  leader.act(() => void leader.hamok.raft?.transferLeadership().catch(() => undefined));
  return forGood;
}

import type { SeededRandom } from '../../random.js';
import { leave } from '../workload/leaving.js';
import type { World } from '../world/world.js';
import { mayLeave } from './crashes.js';
import type { GridFault, Repair } from './grid-fault.js';

const fewestVoters = 3;

/** Members come and go by the book: one leaves and comes back, another joins for a while. */
export const churn: GridFault = {
  name: 'membership churn',
  inject(world, random, operator) {
    const leader = random.pick(world.leaders);
    const voters = leader?.core?.configuration.voters ?? [];
    if (!leader) return undefined;
    if (voters.length > fewestVoters && random.chance(0.5)) return leaveAndReturn(world, random);
    const guest = operator.startGuest();
    if (guest === undefined) return undefined;
    return { after: random.between(3000, 15_000), run: () => operator.endGuest(guest) };
  },
};

function leaveAndReturn(world: World, random: SeededRandom): Repair | undefined {
  const process = random.pick(world.serving.filter(({ hasJoined }) => hasJoined));
  if (!process || !mayLeave(world, process)) return undefined;
  world.note(() => `${process.name} leaves`);
  process.act(() => {
    void leave(process).then(() => world.remains(process));
  });
  return {
    after: random.between(1000, 8000),
    run: () =>
      process.act(() => {
        if (!process.isClosed) process.start();
      }),
  };
}

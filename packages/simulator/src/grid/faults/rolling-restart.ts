import type { SeededRandom } from '../../random.js';
import type { Operator } from '../operator.js';
import { follow, leavingAgainTakes } from '../workload/calls.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { survives } from './crashes.js';
import type { GridFault } from './grid-fault.js';

const mostPatience = 20_000;
const lookEvery = 100;

/** One member after the other is stopped and started again, as when a new version is deployed, each once the one before has joined. */
export const rollingRestart: GridFault = {
  name: 'rolling restart',
  inject(world, random, operator) {
    const waiting = random.shuffled(world.running);
    const roll = { isOver: false };
    const leave = random.chance(0.7);
    const next = (): void => {
      const process = waiting.pop();
      if (roll.isOver || !process) return;
      restart(world, random, operator, process, leave, next);
    };
    next();
    return {
      after: mostPatience,
      run() {
        roll.isOver = true;
      },
    };
  },
};

function restart(
  world: World,
  random: SeededRandom,
  operator: Operator,
  process: Process,
  leave: boolean,
  next: () => void,
): void {
  if (process.status !== 'running' || !survives(world, process)) return next();
  world.note(() => `${process.name} is stopped`);
  process.act(() => {
    world.departs(process);
    void follow(process, 'close', process.hamok.close({ leave }), { timeoutInMs: leavingAgainTakes }).then(() => {
      world.closed(process);
      process.kill();
      world.queue.after(random.between(0, 500), () => {
        operator.restart(process.host);
        const until = world.queue.now + mostPatience;
        const look = (): void => {
          const hasJoined = world.on(process.host)?.hasJoined ?? false;
          if (hasJoined || world.queue.now > until) next();
          else world.queue.after(lookEvery, look);
        };
        look();
      });
    });
  });
}

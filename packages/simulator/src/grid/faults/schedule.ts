import type { SeededRandom } from '../../random.js';
import type { Operator } from '../operator.js';
import type { World } from '../world/world.js';
import { churn } from './churn.js';
import { blackout, crash, durableCrash } from './crashes.js';
import { failingSnapshots } from './failing-snapshots.js';
import type { GridFault, Repair } from './grid-fault.js';
import { leftBehind } from './left-behind.js';
import { newcomerCutOff } from './newcomer.js';
import { storm } from './noise.js';
import { oversize } from './oversize.js';
import { flapping, leaderCutOff, oneWay, partition } from './partitions.js';
import { rollingRestart } from './rolling-restart.js';
import { snapshot } from './snapshot.js';
import { jump, pause, skew } from './time.js';
import { twin } from './twin.js';

export const gridFaults: readonly GridFault[] = [
  partition,
  leaderCutOff,
  oneWay,
  flapping,
  crash,
  durableCrash,
  blackout,
  churn,
  snapshot,
  oversize,
  rollingRestart,
  twin,
  pause,
  skew,
  jump,
  storm,
  leftBehind,
  failingSnapshots,
  newcomerCutOff,
];

const separating = new Set([partition, oneWay, flapping, storm].map(({ name }) => name));
/** How long after the last start a grid is taken to begin (ms). */
const foundingWithin = 2000;
const lookEvery = 5;
/** Where it has begun for some, and nobody leads yet: how likely one strikes each time, and how many do. */
const midwayChance = 0.3;
const mostMidway = 3;

/** Injects faults at random times, and repairs each in its time, until everything heals at once. */
export class GridFaultSchedule {
  /** The numbers of the turns in which one struck. */
  readonly strikes: number[] = [];
  readonly #open = new Set<Repair>();
  #going = true;
  #turns = 0;

  constructor(
    readonly world: World,
    readonly random: SeededRandom,
    readonly operator: Operator,
  ) {
    world.queue.after(world.plan.faultsFrom, () => this.#next());
    if (world.plan.foundingFaultEvery < Number.POSITIVE_INFINITY) this.#watchFounding();
  }

  heal(): void {
    this.#going = false;
    for (const repair of [...this.#open]) this.#repair(repair);
  }

  #next(): void {
    this.world.queue.after(this.random.between(0, 2 * this.world.plan.faultEvery), () => {
      if (!this.#going) return;
      this.#inject();
      this.#next();
    });
  }

  /** Those that are told nothing become several grids where they do not see each other: nothing comes between them meanwhile. */
  #watchFounding(midwayLeft = mostMidway): void {
    const { world, random } = this;
    const { faults, foundingFaultEvery, firstAloneFor, startWithin, founding } = world.plan;
    world.queue.after(lookEvery, () => {
      if (!this.#going || world.queue.now > firstAloneFor + startWithin + foundingWithin) return;
      const isMidway = midwayLeft > 0 && world.leaders.length === 0 && world.living.some(({ core }) => core);
      const isStruck = random.chance(isMidway ? midwayChance : lookEvery / foundingFaultEvery);
      if (isStruck) this.#inject(founding === 'found' ? faults.filter((name) => !separating.has(name)) : faults);
      this.#watchFounding(isStruck && isMidway ? midwayLeft - 1 : midwayLeft);
    });
  }

  /** Where the first choice does not apply now, another one may. Each draws from a stream of its own. */
  #inject(strike: readonly string[] = this.world.plan.faults): void {
    const streams = gridFaults.map((fault) => {
      // The first of several that wait for an exponential time each is one of them by its weight.
      const key = -Math.log(1 - this.random.next()) / (fault.weight ?? 1);
      return { fault, random: this.random.fork(), key };
    });
    const turn = ++this.#turns;
    if (this.world.plan.spared.includes(turn)) return;
    for (const { fault, random } of streams.sort((a, b) => a.key - b.key)) {
      if (!strike.includes(fault.name)) continue;
      const repair = fault.inject(this.world, random, this.operator);
      if (!repair) continue;
      this.strikes.push(turn);
      this.world.faults.add(fault.name);
      this.#open.add(repair);
      if (repair.after < Number.POSITIVE_INFINITY) this.world.queue.after(repair.after, () => this.#repair(repair));
      return;
    }
  }

  #repair(repair: Repair): void {
    if (this.#open.delete(repair)) repair.run();
  }
}

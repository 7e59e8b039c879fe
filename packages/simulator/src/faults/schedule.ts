import type { SeededRandom } from '../random.js';
import type { Cluster } from '../world/cluster.js';
import { coldStart, crashWithoutState, crashWithState } from './crashes.js';
import { delicateMoment } from './delicate-moment.js';
import type { Fault, Repair } from './fault.js';
import { flappingLink } from './flapping-link.js';
import { interruptedTransfer } from './interrupted-transfer.js';
import { leftBehind } from './left-behind.js';
import { membershipChurn } from './membership-churn.js';
import { storm } from './noise.js';
import { leaderCutOff, oneWay, partition } from './partitions.js';
import { rollingRestart } from './rolling-restart.js';
import { slowDisk } from './slow-disk.js';
import { jump, pause, skew } from './time.js';

/** Those that strike at random times. */
export const allFaults: readonly Fault[] = [
  partition,
  leaderCutOff,
  oneWay,
  flappingLink,
  crashWithState,
  coldStart,
  delicateMoment,
  crashWithoutState,
  rollingRestart,
  pause,
  skew,
  jump,
  slowDisk,
  storm,
  interruptedTransfer,
  leftBehind,
  membershipChurn,
];

/** Injects faults at random times, and repairs each in its time, until everything heals at once. */
export class FaultSchedule {
  readonly #open = new Set<Repair>();
  #going = true;
  #turns = 0;

  constructor(
    readonly cluster: Cluster,
    readonly random: SeededRandom,
    /** Takes the numbers of the turns in which one struck. */
    readonly strikes: number[],
  ) {
    this.#next();
  }

  heal(): void {
    this.#going = false;
    for (const repair of [...this.#open]) this.#repair(repair);
  }

  #next(): void {
    this.cluster.queue.after(this.random.between(0, 2 * this.cluster.plan.faultEvery), () => {
      if (!this.#going) return;
      this.#inject();
      this.#next();
    });
  }

  /** Each draws from a stream of its own, and also what is left out takes its turn: so the others strike as they did with it. */
  #inject(): void {
    const fault = this.random.pick(allFaults);
    const random = this.random.fork();
    const { plan, faults, queue } = this.cluster;
    const turn = ++this.#turns;
    if (!fault || !plan.faults.includes(fault.name) || plan.spared.includes(turn)) return;
    const repair = fault.inject(this.cluster, random);
    if (!repair) return;
    this.strikes.push(turn);
    faults.add(fault.name);
    this.#open.add(repair);
    if (repair.after < Number.POSITIVE_INFINITY) queue.after(repair.after, () => this.#repair(repair));
  }

  #repair(repair: Repair): void {
    if (this.#open.delete(repair)) repair.run();
  }
}

import type { SeededRandom } from '../random.js';
import type { Cluster } from '../world/cluster.js';
import { blackout, death, restart } from './crashes.js';
import { delicateMoment } from './delicate-moment.js';
import type { Fault, Repair } from './fault.js';
import { interruptedTransfer } from './interrupted-transfer.js';
import { storm } from './noise.js';
import { leaderCutOff, oneWay, partition } from './partitions.js';
import { jump, pause, skew } from './time.js';

export const allFaults: readonly Fault[] = [
  partition,
  leaderCutOff,
  oneWay,
  restart,
  blackout,
  delicateMoment,
  death,
  pause,
  skew,
  jump,
  storm,
  interruptedTransfer,
];

/** Injects faults at random times, and repairs each in its time, until everything heals at once. */
export class FaultSchedule {
  readonly counts = new Map<string, number>();
  readonly #faults: readonly Fault[];
  readonly #open = new Set<Repair>();
  #going = true;

  constructor(
    readonly cluster: Cluster,
    readonly random: SeededRandom,
  ) {
    this.#faults = allFaults.filter(() => random.chance(0.7));
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

  #inject(): void {
    const fault = this.random.pick(this.#faults);
    const repair = fault?.inject(this.cluster, this.random);
    if (!fault || !repair) return;
    this.counts.set(fault.name, (this.counts.get(fault.name) ?? 0) + 1);
    this.#open.add(repair);
    if (repair.after < Number.POSITIVE_INFINITY) this.cluster.queue.after(repair.after, () => this.#repair(repair));
  }

  #repair(repair: Repair): void {
    if (this.#open.delete(repair)) repair.run();
  }
}

import type { SeededRandom } from '../../random.js';
import type { StoragesWorld } from '../storages-world.js';
import { storageFaults } from './index.js';

/** Injects faults at random times, and repairs each in its time, until everything heals at once; and then again. */
export class StorageFaultSchedule {
  /** The numbers of the turns in which one struck. */
  readonly strikes: number[] = [];
  readonly #open = new Set<() => void>();
  #turns = 0;
  #phase: object | undefined;

  constructor(
    readonly world: StoragesWorld,
    readonly random: SeededRandom,
  ) {}

  begin(): void {
    this.#phase = {};
    this.#next(this.#phase);
  }

  heal(): void {
    this.#phase = undefined;
    for (const repair of [...this.#open]) repair();
  }

  #next(phase: object): void {
    this.world.queue.after(this.random.between(0, 2 * this.world.plan.faultEvery), () => {
      if (this.#phase !== phase) return;
      this.#inject();
      this.#next(phase);
    });
  }

  /** Each draws from a stream of its own, and also what is left out takes its turn: so the others strike as they did with it. */
  #inject(): void {
    const { favours, faults, spared } = this.world.plan;
    const favoured = storageFaults.find(({ name }) => name === favours);
    const picked = this.random.pick(storageFaults);
    const fault = this.random.chance(0.3) && favoured !== undefined ? favoured : picked;
    const random = this.random.fork();
    const turn = ++this.#turns;
    if (fault === undefined || !faults.includes(fault.name) || spared.includes(turn)) return;
    const repair = fault.inject(this.world, random);
    if (repair === undefined) return;
    this.strikes.push(turn);
    this.world.faults.add(fault.name);
    const once = (): void => {
      if (this.#open.delete(once)) repair.run();
    };
    this.#open.add(once);
    this.world.queue.after(repair.after, once);
  }
}

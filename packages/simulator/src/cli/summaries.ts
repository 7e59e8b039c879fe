import { coreSituations } from '../coverage/core-situations.js';
import type { SituationSpace } from '../coverage/situations.js';
import type { SimulationResult } from '../result.js';
import { storageSituations } from '../storages/situations.js';
import { Summary } from '../summary.js';
import type { SimulationName } from './simulations.js';

const spaces: Record<SimulationName, SituationSpace> = {
  core: coreSituations,
  grid: coreSituations,
  storages: storageSituations,
};

/** A summary for each kind of simulation. */
export class Summaries {
  readonly #all: ReadonlyMap<SimulationName, Summary>;

  constructor(names: readonly SimulationName[]) {
    this.#all = new Map(names.map((name) => [name, new Summary(spaces[name])]));
  }

  add(name: SimulationName, result: SimulationResult): void {
    this.#all.get(name)?.add(result);
  }

  /** Those of which something was run. */
  get met(): [SimulationName, Summary][] {
    return [...this.#all].filter(([, { runs }]) => runs > 0);
  }

  get runs(): number {
    return [...this.#all.values()].reduce((sum, { runs }) => sum + runs, 0);
  }

  get hours(): string {
    const ms = [...this.#all.values()].reduce((sum, { simulatedMs }) => sum + simulatedMs, 0);
    return (ms / 3_600_000).toFixed(2);
  }

  get missedFaults(): string[] {
    return [...this.#all].flatMap(([name, { missedFaults }]) => missedFaults.map((fault) => `${fault} (${name})`));
  }
}

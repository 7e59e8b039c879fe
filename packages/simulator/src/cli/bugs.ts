import { productMutants } from '../grid/mutants/table.js';
import { mutants } from '../mutants/table.js';
import { storageMutants } from '../storages/mutants/table.js';
import { type SimulationName, simulationNames } from './simulations.js';

/** A planted bug, and the simulation that has to find it. */
export interface Bug {
  readonly what: SimulationName;
  readonly name: string;
}

const tables: Record<SimulationName, readonly { readonly name: string }[]> = {
  core: mutants,
  grid: productMutants,
  storages: storageMutants,
};

export const bugs: readonly Bug[] = simulationNames.flatMap((what) =>
  tables[what].map(({ name }): Bug => ({ what, name })),
);

import { productMutants } from '../grid/mutants/table.js';
import { mutants } from '../mutants/table.js';
import { storageMutants } from '../storages/mutants/table.js';
import { type SimulationName, simulationNames } from './simulations.js';

/** What finds planted bugs: the simulations, and the one of storages. */
export type BugPlace = SimulationName | 'storages';

export const bugPlaces: readonly BugPlace[] = [...simulationNames, 'storages'];

/** A planted bug, and the simulation that has to find it. */
export interface Bug {
  readonly what: BugPlace;
  readonly name: string;
}

const tables: Record<BugPlace, readonly { readonly name: string }[]> = {
  core: mutants,
  grid: productMutants,
  storages: storageMutants,
};

export const bugs: readonly Bug[] = bugPlaces.flatMap((what) => tables[what].map(({ name }): Bug => ({ what, name })));

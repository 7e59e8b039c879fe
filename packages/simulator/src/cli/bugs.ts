import { productMutants } from '../grid/mutants/table.js';
import { mutants } from '../mutants/table.js';
import type { SimulationName } from './simulations.js';

/** A planted bug, and the simulation that has to find it. */
export interface Bug {
  readonly what: SimulationName;
  readonly name: string;
}

export const bugs: readonly Bug[] = [
  ...mutants.map(({ name }): Bug => ({ what: 'core', name })),
  ...productMutants.map(({ name }): Bug => ({ what: 'grid', name })),
];

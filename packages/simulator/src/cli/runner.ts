import { plant } from '../mutants/plant.js';
import { mutants } from '../mutants/table.js';
import type { SimulationResult } from '../result.js';
import { simulate } from '../simulation.js';
import { type RunOptions, type SimulationName, simulations } from './simulations.js';

export type Runner = (options: RunOptions) => Promise<SimulationResult>;

const planted = new Map<string, Runner>();

/** What runs a seed: of the product as it is, or with one of the planted bugs in it. Throws a RangeError for a bug that is not in the table. */
export function runnerOf(what: SimulationName, bug: string | undefined): Runner {
  if (bug === undefined) return simulations[what];
  const known = planted.get(bug);
  if (known) return known;
  const mutant = mutants.find(({ name }) => name === bug);
  if (!mutant || what !== 'core') throw new RangeError(`no bug '${bug}' for ${what}; MUTANTS.md names them`);
  const createCore = plant(mutant);
  const runner: Runner = async (options) => simulate({ ...options, createCore });
  planted.set(bug, runner);
  return runner;
}

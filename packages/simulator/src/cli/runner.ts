import { plantPackage, plantProduct } from '../grid/mutants/plant-product.js';
import { productMutants } from '../grid/mutants/table.js';
import { simulateGrid } from '../grid/simulate-grid.js';
import { plant } from '../mutants/plant.js';
import { mutants } from '../mutants/table.js';
import type { SimulationResult } from '../result.js';
import { simulate } from '../simulation.js';
import { storageMutants } from '../storages/mutants/table.js';
import { simulateStorages } from '../storages/simulate-storages.js';
import type { StoragesProduct } from '../storages/storages-world.js';
import { type RunOptions, type SimulationName, simulations } from './simulations.js';

export type Runner = (options: RunOptions) => Promise<SimulationResult>;

const planted = new Map<string, Runner>();

/** What runs a seed: of the product as it is, or with one of the planted bugs in it. Throws a RangeError for a bug that is not in the table. */
export function runnerOf(what: SimulationName, bug: string | undefined): Runner {
  if (bug === undefined) return simulations[what];
  const key = `${what}: ${bug}`;
  const runner = planted.get(key) ?? withBug[what](bug);
  planted.set(key, runner);
  return runner;
}

function withCore(bug: string): Runner {
  const createCore = plant(named(mutants, bug));
  return async (options) => simulate({ ...options, createCore });
}

function withProduct(bug: string): Runner {
  const product = plantProduct(named(productMutants, bug));
  return (options) => simulateGrid({ ...options, product });
}

function withStorages(bug: string): Runner {
  const product = plantPackage<StoragesProduct>(named(storageMutants, bug), 'collections');
  return ({ ticks: ms, ...options }) => simulateStorages({ ...options, ms, product });
}

const withBug: Record<SimulationName, (bug: string) => Runner> = {
  core: withCore,
  grid: withProduct,
  storages: withStorages,
};

function named<T extends { readonly name: string }>(table: readonly T[], name: string): T {
  const found = table.find((candidate) => candidate.name === name);
  if (!found) throw new RangeError(`no such bug there: ${name}; MUTANTS.md names them`);
  return found;
}

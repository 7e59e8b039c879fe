// Plants a bug and looks for a seed that shows it, for sim:mutants.
import { parentPort } from 'node:worker_threads';
import { plantPackage } from '../grid/mutants/plant-product.js';
import { hunt } from '../mutants/hunt.js';
import { huntStorages } from '../storages/mutants/hunt-storages.js';
import { storageMutants } from '../storages/mutants/table.js';
import type { StoragesProduct } from '../storages/storages-world.js';
import type { Bug } from './bugs.js';
import { runnerOf } from './runner.js';
import type { SimulationName } from './simulations.js';

export interface HuntJob extends Bug {
  readonly from: number;
  readonly seeds: number;
  readonly ticks: number;
}

export interface Hunted {
  /** How many seeds it took, and which statement was violated; undefined: it survived. */
  readonly caught: { readonly seeds: number; readonly invariant: string } | undefined;
}

parentPort?.on('message', async ({ what, name, from, seeds, ticks }: HuntJob) => {
  const caught =
    what === 'storages' ? await huntInStorages(name, from, seeds, ticks) : await huntIn(what, name, from, seeds, ticks);
  const hunted: Hunted = { caught: caught && { seeds: caught.seeds, invariant: caught.failure.invariant } };
  parentPort?.postMessage(hunted);
});

function huntIn(what: SimulationName, name: string, from: number, seeds: number, ticks: number) {
  const run = runnerOf(what, name);
  return hunt((seed) => run({ seed, ticks }), from, seeds);
}

function huntInStorages(name: string, from: number, seeds: number, ticks: number) {
  const mutant = storageMutants.find((candidate) => candidate.name === name);
  if (!mutant) throw new RangeError(`no such bug in storages: ${name}`);
  return huntStorages(plantPackage<StoragesProduct>(mutant, 'collections'), from, seeds, ticks);
}

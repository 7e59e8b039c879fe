// Plants a bug and looks for a seed that shows it, for sim:mutants.
import { parentPort } from 'node:worker_threads';
import { huntProduct } from '../grid/mutants/hunt-product.js';
import { plantPackage, plantProduct } from '../grid/mutants/plant-product.js';
import { productMutants } from '../grid/mutants/table.js';
import { hunt } from '../mutants/hunt.js';
import { plant } from '../mutants/plant.js';
import { mutants } from '../mutants/table.js';
import { huntStorages } from '../storages/mutants/hunt-storages.js';
import { storageMutants } from '../storages/mutants/table.js';
import type { StoragesProduct } from '../storages/storages-world.js';

export interface HuntJob {
  readonly name: string;
  readonly from: number;
  readonly seeds: number;
  readonly ticks: number;
}

export interface Hunted {
  /** How many seeds it took, and which statement was violated; undefined: it survived. */
  readonly caught: { readonly seeds: number; readonly invariant: string } | undefined;
}

parentPort?.on('message', async (job: HuntJob) => {
  const caught = await huntFor(job);
  const hunted: Hunted = { caught: caught && { seeds: caught.seeds, invariant: caught.failure.invariant } };
  parentPort?.postMessage(hunted);
});

/** In cores alone, in whole members, or in storages: wherever it is planted. */
async function huntFor({ name, from, seeds, ticks }: HuntJob) {
  const inCore = mutants.find((candidate) => candidate.name === name);
  if (inCore) return hunt(plant(inCore), from, seeds, ticks);
  const inProduct = productMutants.find((candidate) => candidate.name === name);
  if (inProduct) return await huntProduct(plantProduct(inProduct), from, seeds, ticks);
  const inStorages = storageMutants.find((candidate) => candidate.name === name);
  if (inStorages)
    return await huntStorages(plantPackage<StoragesProduct>(inStorages, 'collections'), from, seeds, ticks);
  throw new RangeError(`no mutant ${name}`);
}

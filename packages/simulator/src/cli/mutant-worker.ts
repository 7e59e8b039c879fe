// Plants a bug and looks for a seed that shows it, for sim:mutants.
import { parentPort } from 'node:worker_threads';
import { huntProduct } from '../grid/mutants/hunt-product.js';
import { plantProduct } from '../grid/mutants/plant-product.js';
import { productMutants } from '../grid/mutants/table.js';
import { hunt } from '../mutants/hunt.js';
import { plant } from '../mutants/plant.js';
import { mutants } from '../mutants/table.js';

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

/** In cores alone, or in whole members: wherever it is planted. */
async function huntFor({ name, from, seeds, ticks }: HuntJob) {
  const inCore = mutants.find((candidate) => candidate.name === name);
  if (inCore) return hunt(plant(inCore), from, seeds, ticks);
  const inProduct = productMutants.find((candidate) => candidate.name === name);
  if (inProduct) return await huntProduct(plantProduct(inProduct), from, seeds, ticks);
  throw new RangeError(`no mutant ${name}`);
}

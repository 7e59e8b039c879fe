// Plants a bug and looks for a seed that shows it, for sim:mutants.
import { parentPort } from 'node:worker_threads';
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

parentPort?.on('message', ({ name, from, seeds, ticks }: HuntJob) => {
  const mutant = mutants.find((candidate) => candidate.name === name);
  if (!mutant) throw new RangeError(`no mutant ${name}`);
  const caught = hunt(plant(mutant), from, seeds, ticks);
  const hunted: Hunted = { caught: caught && { seeds: caught.seeds, invariant: caught.failure.invariant } };
  parentPort?.postMessage(hunted);
});

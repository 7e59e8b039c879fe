// Plants a bug and looks for a seed that shows it, for sim:mutants.
import { parentPort } from 'node:worker_threads';
import { hunt } from '../mutants/hunt.js';
import type { Bug } from './bugs.js';
import { runnerOf } from './runner.js';

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
  const run = runnerOf(what, name);
  const caught = await hunt((seed) => run({ seed, ticks }), from, seeds);
  const hunted: Hunted = { caught: caught && { seeds: caught.seeds, invariant: caught.failure.invariant } };
  parentPort?.postMessage(hunted);
});

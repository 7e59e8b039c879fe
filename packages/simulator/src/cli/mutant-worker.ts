// Plants a bug and looks for a seed that shows it, in each range of seeds, for sim:mutants.
import { parentPort } from 'node:worker_threads';
import { hunt } from '../mutants/hunt.js';
import type { Bug } from './bugs.js';
import { runnerOf } from './runner.js';

export interface HuntJob extends Bug {
  /** The first seeds of the ranges. */
  readonly froms: readonly number[];
  readonly seeds: number;
  readonly ticks: number;
}

/** Of each range: how many seeds it took, and which statement was violated; undefined: it survived. */
export type Hunted = readonly ({ readonly seeds: number; readonly invariant: string } | undefined)[];

parentPort?.on('message', async ({ what, name, froms, seeds, ticks }: HuntJob) => {
  const run = runnerOf(what, name);
  const hunted: Hunted[number][] = [];
  for (const from of froms) {
    const caught = await hunt((seed) => run({ seed, ticks }), from, seeds);
    hunted.push(caught && { seeds: caught.seeds, invariant: caught.failure.invariant });
  }
  parentPort?.postMessage(hunted);
});

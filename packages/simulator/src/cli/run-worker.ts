// Runs seeds, for sim and soak.
import { parentPort } from 'node:worker_threads';
import type { Overrides } from '../overrides.js';
import { runnerOf } from './runner.js';
import type { SimulationName } from './simulations.js';

export interface RunJob {
  readonly what: SimulationName;
  readonly seed: number;
  readonly ticks: number;
  readonly overrides: Overrides;
  /** A planted bug to run with. */
  readonly bug?: string | undefined;
}

parentPort?.on('message', async ({ what, bug, ...options }: RunJob) => {
  parentPort?.postMessage(await runnerOf(what, bug)(options));
});

import { performance } from 'node:perf_hooks';
import type { SimulationResult } from '../result.js';
import { print } from './print.js';
import { replayOf } from './replay.js';
import type { RunJob } from './run-worker.js';
import { spread } from './spread.js';

/** In real time, some thirty times what a run takes: one that goes round in circles ends there. */
const limitInMs = ({ ticks }: RunJob): number => 60_000 + 5 * ticks;
const longInMs = 10_000;

/** Seeds that are run in workers, and those that take long. */
export class SeedRuns {
  readonly #ongoing = new Map<RunJob, number>();

  /** The seeds that are being run for longer than usual, behind a comma. */
  get long(): string {
    const now = performance.now();
    return [...this.#ongoing]
      .filter(([, since]) => now - since > longInMs)
      .map(([{ what, seed }, since]) => `, ${what} seed ${seed} for ${Math.round((now - since) / 1000)} s`)
      .join('');
  }

  /** @param givenUp called with a run that does not end; both return whether to go on */
  run(
    jobs: Iterable<RunJob>,
    take: (result: SimulationResult, job: RunJob) => Promise<boolean>,
    givenUp: (job: RunJob) => boolean,
  ): Promise<void> {
    return spread(new URL('./run-worker.js', import.meta.url), jobs, take, this.#ongoing, { limitInMs, givenUp });
  }
}

export function tellEndless(job: RunJob): void {
  print(
    `\n${job.what} seed ${job.seed} does not end: given up after ${limitInMs(job) / 1000} s of real time`,
    `replay: ${replayOf(job)} --trace`,
  );
}

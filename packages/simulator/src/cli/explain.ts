import { performance } from 'node:perf_hooks';
import { turned } from '../grid/world/turn.js';
import { Excerpt } from '../report/excerpt.js';
import { describePlan } from '../report/plan.js';
import type { SimulationResult } from '../result.js';
import { type FailingCase, shrink } from '../shrink/shrink.js';
import { print } from './print.js';
import { Progress } from './progress.js';
import { replayOf } from './replay.js';
import type { RunJob } from './run-worker.js';
import { runnerOf } from './runner.js';

/** Prints what an engineer needs who has to find out why a seed failed: the shortest run that was found, in words, and how to repeat it. */
export async function explain(job: RunJob, result: SimulationResult, lines: number, maxRuns: number): Promise<void> {
  const { what, seed } = job;
  const run = runnerOf(what, job.bug);
  print(`\n${what} seed ${seed} violates: ${result.failure?.invariant}`, `replay: ${replayOf(job)}`);

  const started = performance.now();
  const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  let runs = 0;
  const progress = new Progress(() => `looking for a shorter run: ${runs} of ${maxRuns} tried, ${seconds()}`);
  const first: FailingCase = { seed, ticks: job.ticks, overrides: job.overrides, result };
  const shortest = await shrink(
    async (of, ticks, overrides) => {
      // A run of cores leaves no time to whoever wants to see something, or to end this.
      await turned();
      runs++;
      return run({ seed: of, ticks, overrides });
    },
    first,
    () => runs < maxRuns && performance.now() - started < longestShrinkInMs,
  );
  progress.done();
  if (runs > 0) print(`shortened in ${runs} runs, ${seconds()}: from ${sizeOf(result)} to ${sizeOf(shortest.result)}`);

  const { ticks, overrides } = shortest;
  const excerpt = new Excerpt(shortest.result.failure, lines);
  const { failure, plan } = await run({ seed: shortest.seed, ticks, overrides, trace: excerpt.sink });
  print(...excerpt.lines());
  print('', '--- how everything stood', ...(failure?.scene ?? []));
  print('', '--- plan', ...describePlan(plan));
  print('', `--- violated: ${failure?.invariant}`, `${failure?.message}`);
  const frames = failure?.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  print(...frames.slice(0, framesShown));
  const replay = replayOf({ ...job, seed: shortest.seed, ticks, overrides });
  print(
    '',
    `--- replay: ${replay}`,
    '    (with --trace and grep, all that happened; packages/simulator/README.md says how to read it)',
  );
}

/** The runs of whole members take long, and whoever waits wants to see something. */
const longestShrinkInMs = 120_000;
const framesShown = 4;

function sizeOf({ seed, simulatedMs, events, strikes }: SimulationResult): string {
  return `seed ${seed} with ${Math.ceil(simulatedMs)} ms, ${events} events and ${strikes.length} faults`;
}

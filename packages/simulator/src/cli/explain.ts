import process from 'node:process';
import { Excerpt } from '../report/excerpt.js';
import type { SimulationResult } from '../result.js';
import { type FailingCase, shrink } from '../shrink/shrink.js';
import type { RunJob } from './run-worker.js';
import { runnerOf } from './runner.js';

/** Prints what an engineer needs who has to find out why a seed failed: the shortest run that was found, in words, and how to repeat it. */
export async function explain(job: RunJob, result: SimulationResult, lines: number, maxRuns: number): Promise<void> {
  const { what, seed } = job;
  const run = runnerOf(what, job.bug);
  const print = (...texts: readonly string[]): void => void process.stdout.write(`${texts.join('\n')}\n`);
  print(`\n${what} seed ${seed} violates: ${result.failure?.invariant}`, `replay: ${replayOf(job)}`);
  if (maxRuns > 0) process.stderr.write('looking for a shorter run...\n');
  const first: FailingCase = { ticks: job.ticks, overrides: job.overrides, result };
  const shortest = await shrink((ticks, overrides) => run({ seed, ticks, overrides }), first, maxRuns);
  const { ticks, overrides } = shortest;
  const excerpt = new Excerpt(shortest.result.failure, lines);
  const { failure, plan } = await run({ seed, ticks, overrides, trace: excerpt.sink });
  print(...excerpt.lines());
  print('', '--- how everything stood', ...(failure?.scene ?? []));
  print('', `--- violated: ${failure?.invariant}`, `${failure?.message}`);
  const frames = failure?.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  print(...frames.slice(0, framesShown));
  print('', `--- plan ${JSON.stringify(plan)}`, `--- replay: ${replayOf({ ...job, ticks, overrides })}`);
}

const framesShown = 6;

/** The command that runs the same again. */
function replayOf({ what, seed, ticks, overrides, bug }: RunJob): string {
  const plan = Object.keys(overrides).length > 0 ? ` --plan '${JSON.stringify(overrides)}'` : '';
  const planted = bug === undefined ? '' : ` --bug '${bug}'`;
  return `pnpm sim --what ${what} --seeds 1 --from ${seed} --ticks ${ticks}${plan}${planted}`;
}

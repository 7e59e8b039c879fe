// pnpm sim:soak --minutes M: runs fresh seeds of everything for as long as it is told, and reports every one that fails.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { formatSummary } from '../report/summary.js';
import type { SimulationResult } from '../result.js';
import { explain } from './explain.js';
import { onInterrupt } from './interrupt.js';
import { choice, orRefuse, refuse, wholeNumber } from './options.js';
import { print } from './print.js';
import { Progress } from './progress.js';
import type { RunJob } from './run-worker.js';
import { SeedRuns, tellEndless } from './seed-runs.js';
import { Summaries } from './summaries.js';

const usage = `usage: sim:soak [--minutes M] [--what core|grid|storages|all] [--from S] [--ticks T] [--lines L] [--shrink R]
  --minutes  how long to go on (default 10)
  --what     Raft cores, whole members of a grid, storages whose entries live on the members, or all (default all)
  --from     the first seed (default: from the time, so that they are fresh)
  --ticks    how long the faults of each last, in ms of virtual time (default 60000)
  --lines    how much of a failing seed's trace to print (default 80)
  --shrink   how many runs to spend, for two minutes at most, on a shorter one that fails (default 150)`;

const msPerMinute = 60_000;

const options = {
  minutes: { type: 'string', default: '10' },
  what: { type: 'string', default: 'all' },
  from: { type: 'string', default: `${Math.floor(performance.timeOrigin)}` },
  ticks: { type: 'string', default: '60000' },
  lines: { type: 'string', default: '80' },
  shrink: { type: 'string', default: '150' },
  help: { type: 'boolean', default: false },
} as const;
const { values } = orRefuse(() => parseArgs({ options }), usage);
if (values.help) {
  print(usage);
  process.exit(0);
}
const minutes = Number(values.minutes);
const names = choice(values.what, usage);
const from = wholeNumber('from', values.from, 0, usage);
const ticks = wholeNumber('ticks', values.ticks, 1, usage);
const lines = wholeNumber('lines', values.lines, 1, usage);
const maxRuns = wholeNumber('shrink', values.shrink, 0, usage);
const started = performance.now();
if (!(minutes > 0)) refuse(`--minutes ${values.minutes}: not a number above 0`, usage);
const until = started + minutes * msPerMinute;

function* jobs(): Iterable<RunJob> {
  for (let seed = from; performance.now() < until; seed++)
    for (const what of names) yield { what, seed, ticks, overrides: {} };
}

print(`seeds from ${from} on, for ${values.minutes} minutes`);
const summaries = new Summaries(names);
const failed: string[] = [];
let latest = '';
const left = (): string => ((until - performance.now()) / msPerMinute).toFixed(1);
const seedRuns = new SeedRuns();
const state = (): string =>
  `${latest}${summaries.hours} simulated hours, ${failed.length} failed, ${left()} minutes left${seedRuns.long}`;
const begun = (): Progress => new Progress(state);
let progress = begun();

async function take(result: SimulationResult, job: RunJob): Promise<boolean> {
  summaries.add(job.what, result);
  latest = `${job.what} seed ${job.seed}, `;
  if (!result.failure) return true;
  failed.push(`${job.what} seed ${job.seed}: ${result.failure.invariant}`);
  progress.done();
  await explain(job, result, lines, maxRuns);
  progress = begun();
  return true;
}

function tell(how: string): void {
  progress.done();
  for (const [what, summary] of summaries.met) print(`\n${what}: ${formatSummary(summary)}`);
  for (const failure of failed) print(`FAILED ${failure}`);
  const passed = ((performance.now() - started) / msPerMinute).toFixed(1);
  print(`\n${summaries.hours} simulated hours in ${passed} minutes, ${how}${failed.length} failed`);
}

onInterrupt(() => tell('INTERRUPTED, '));
await seedRuns.run(jobs(), take, (job) => {
  failed.push(`${job.what} seed ${job.seed}: does not end`);
  progress.done();
  tellEndless(job);
  progress = begun();
  return true;
});
tell('');
process.exitCode = failed.length > 0 ? 1 : 0;

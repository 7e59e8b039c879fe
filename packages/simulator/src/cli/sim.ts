// pnpm sim --seeds N --from S --ticks T: runs seeds until one fails.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { parseOverrides } from '../overrides.js';
import { formatSummary } from '../report/summary.js';
import type { SimulationResult } from '../result.js';
import { bugs } from './bugs.js';
import { explain } from './explain.js';
import { onInterrupt } from './interrupt.js';
import { choice, orRefuse, refuse, wholeNumber } from './options.js';
import { print } from './print.js';
import { Progress } from './progress.js';
import type { RunJob } from './run-worker.js';
import { runnerOf } from './runner.js';
import { SeedRuns, tellEndless } from './seed-runs.js';
import { checkOverrides, type SimulationName } from './simulations.js';
import { Summaries } from './summaries.js';

const usage = `usage: sim [--what core|grid|storages|all] [--seeds N] [--from S] [--ticks T] [--plan JSON] [--bug NAME]
           [--require-all-faults] [--lines L] [--shrink R] [--trace]
  --what    Raft cores, whole members of a grid, storages whose entries live on the members, or all (default all)
  --seeds   how many seeds of each to run (default 100)
  --from    the first of them (default 1)
  --ticks   how long the faults last, in ms of virtual time (default 60000)
  --plan    values that take the place of what a seed draws, as a failure prints them
  --bug     plant one of the bugs of MUTANTS.md, to see how it shows
  --require-all-faults   fail where a class of faults never struck
  --lines   how much of a failing seed's trace to print (default 80)
  --shrink  how many runs to spend, for two minutes at most, on a shorter one that fails (default 150)
  --trace   print the whole trace of every seed`;

const options = {
  what: { type: 'string', default: 'all' },
  seeds: { type: 'string', default: '100' },
  from: { type: 'string', default: '1' },
  ticks: { type: 'string', default: '60000' },
  plan: { type: 'string', default: '{}' },
  bug: { type: 'string' },
  'require-all-faults': { type: 'boolean', default: false },
  lines: { type: 'string', default: '80' },
  shrink: { type: 'string', default: '150' },
  trace: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;
const { values } = orRefuse(() => parseArgs({ options }), usage);
if (values.help) {
  print(usage);
  process.exit(0);
}
const planted = bugs.find(({ name }) => name === values.bug);
if (values.bug !== undefined && !planted) refuse(`--bug ${values.bug}: MUTANTS.md names those that there are`, usage);
const names = choice(planted && values.what === 'all' ? planted.what : values.what, usage);
if (planted && !names.includes(planted.what)) refuse(`--bug ${values.bug}: is one of ${planted.what}`, usage);
const seeds = wholeNumber('seeds', values.seeds, 1, usage);
const from = wholeNumber('from', values.from, 0, usage);
const ticks = wholeNumber('ticks', values.ticks, 1, usage);
const lines = wholeNumber('lines', values.lines, 1, usage);
const maxRuns = wholeNumber('shrink', values.shrink, 0, usage);
const overrides = orRefuse(() => parseOverrides(values.plan), usage);
for (const what of names) orRefuse(() => checkOverrides(what, overrides), usage);

function* jobs(): Iterable<RunJob> {
  for (let seed = from; seed < from + seeds; seed++)
    for (const what of names) yield { what, seed, ticks, overrides, bug: values.bug };
}

const summaries = new Summaries(names);
const started = performance.now();
const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
const runs = (): string => `${summaries.runs} of ${seeds * names.length}`;
let latest = '';
let isViolated = false;

async function take(result: SimulationResult, job: RunJob): Promise<boolean> {
  summaries.add(job.what, result);
  latest = `${job.what} seed ${job.seed}, `;
  if (!result.failure) return true;
  isViolated = true;
  progress.done();
  await explain(job, result, lines, maxRuns);
  return false;
}

async function traceAll(what: SimulationName): Promise<void> {
  for (const job of jobs())
    if (job.what === what) await runnerOf(what, job.bug)({ ...job, trace: (line) => print(line) });
}

/** Of a failure, what was printed is to be the last thing on the screen. */
function tell(how: string, missed: readonly string[] = []): void {
  progress.done();
  if (!isViolated) for (const [what, summary] of summaries.met) print(`\n${what}: ${formatSummary(summary)}`);
  for (const fault of missed) print(`never struck: ${fault}`);
  print(`\n${summaries.hours} simulated hours in ${seconds()}, ${how}`);
}

if (values.trace) for (const what of names) await traceAll(what);
const seedRuns = new SeedRuns();
const progress = new Progress(
  () => `${latest}${runs()} runs, ${summaries.hours} simulated hours, ${seconds()}${seedRuns.long}`,
);
const violated = (): string => `VIOLATED by run ${runs()}`;
onInterrupt(() => tell(isViolated ? `INTERRUPTED, ${violated()}` : `INTERRUPTED after ${runs()} runs${seedRuns.long}`));
await seedRuns.run(jobs(), take, (job) => {
  isViolated = true;
  progress.done();
  tellEndless(job);
  return false;
});
const missed = values['require-all-faults'] && !isViolated ? summaries.missedFaults : [];
tell(isViolated ? violated() : missed.length > 0 ? 'no violation, but not all faults' : 'no violation', missed);
process.exitCode = isViolated || missed.length > 0 ? 1 : 0;

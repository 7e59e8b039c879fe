// pnpm sim --seeds N --from S --ticks T: runs seeds until one fails.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { RaftCore } from '@hamok/raft';
import { type CoreFactory, formatSummary, Summary, simulate, TraceTail } from '../index.js';

const usage = `usage: sim [--seeds N] [--from S] [--ticks T] [--lines L] [--trace]
  --seeds  how many seeds to run (default 200)
  --from   the first of them (default 1)
  --ticks  how long the faults last, in ms of virtual time (default 60000)
  --lines  how much of a failing seed's trace to print (default 80)
  --trace  print the whole trace of every seed`;

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  process.stderr.write(`--${name} ${text}: not a whole number from ${least}\n${usage}\n`);
  process.exit(2);
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    ticks: { type: 'string', default: '60000' },
    lines: { type: 'string', default: '80' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
const seeds = wholeNumber('seeds', values.seeds, 1);
const from = wholeNumber('from', values.from, 0);
const ticks = wholeNumber('ticks', values.ticks, 1);
const lines = wholeNumber('lines', values.lines, 1);
const createCore: CoreFactory = (options) => new RaftCore(options);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const summary = new Summary();
const started = performance.now();
let reported = started;
for (let seed = from; seed < from + seeds; seed++) {
  const result = simulate({ seed, ticks, createCore, ...(values.trace && { trace: print }) });
  summary.add(result);
  if (result.failure) {
    const tail = new TraceTail(lines);
    simulate({ seed, ticks, createCore, trace: tail.sink });
    print(tail.lines().join('\n'));
    print(`\nseed ${seed} violates ${result.failure.invariant}: ${result.failure.message}`);
    print(result.failure.stack ?? '');
    print(`plan ${JSON.stringify(result.plan)}`);
    print(`replay: pnpm sim --seeds 1 --from ${seed} --ticks ${ticks}`);
    process.exit(1);
  }
  if (performance.now() - reported > 2000) {
    reported = performance.now();
    const hours = (summary.simulatedMs / 3_600_000).toFixed(2);
    process.stderr.write(`seed ${seed}, ${seed - from + 1} of ${seeds}, ${hours} simulated hours\n`);
  }
}
print(`${formatSummary(summary)}\n${((performance.now() - started) / 1000).toFixed(1)} s, no violation`);

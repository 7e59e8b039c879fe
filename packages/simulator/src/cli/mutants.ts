// pnpm sim:mutants: plants each bug in a copy of the product, and fails if the simulator lets one live.
import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bugs } from './bugs.js';
import type { Hunted, HuntJob } from './mutant-worker.js';
import { documentOf, type Row, rowOf } from './mutants-table.js';
import { choice, orRefuse, refuse, wholeNumber } from './options.js';
import { print } from './print.js';
import { spread } from './spread.js';

const usage = `usage: sim:mutants [--seeds N] [--from S,S...] [--ticks T] [--what core|grid|storages|all] [--only TEXT] [--write]
  --seeds  how many seeds of a range a bug may survive (default 500)
  --from   the first seed of each range (default 1,10001,20001)
  --ticks  how long the faults of each last, in ms of virtual time (default 20000)
  --what   only those of cores, of whole members, or of storages (default all)
  --only   plant only those whose name matches this expression
  --write  keep what was found in MUTANTS.md, with what it says of bugs that were not planted now`;

const defaults = { seeds: '500', from: '1,10001,20001', ticks: '20000' };
const options = {
  seeds: { type: 'string', default: defaults.seeds },
  from: { type: 'string', default: defaults.from },
  ticks: { type: 'string', default: defaults.ticks },
  what: { type: 'string', default: 'all' },
  only: { type: 'string', default: '' },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;
const { values } = orRefuse(() => parseArgs({ options }), usage);
if (values.help) {
  print(usage);
  process.exit(0);
}
if (values.write && Object.entries(defaults).some(([name, value]) => values[name as keyof typeof defaults] !== value)) {
  print(`--write keeps what the defaults of --seeds, --from and --ticks give\n${usage}`);
  process.exit(2);
}
const seeds = wholeNumber('seeds', values.seeds, 1, usage);
const froms = values.from.split(',').map((from) => wholeNumber('from', from, 0, usage));
const ticks = wholeNumber('ticks', values.ticks, 1, usage);

const names = choice(values.what, usage);
const only = orRefuse(() => new RegExp(values.only), usage);
const chosen = bugs.filter(({ what, name }) => names.includes(what) && only.test(name));
if (chosen.length === 0) refuse(`--only ${values.only}: MUTANTS.md names those that there are`, usage);
const jobs = chosen.map((bug): HuntJob => ({ ...bug, froms, seeds, ticks }));
const rows: Row[] = [];
const file = new URL('../../MUTANTS.md', import.meta.url);
let survivors = 0;

function take(hunted: Hunted, job: HuntJob): boolean {
  if (hunted.includes(undefined)) survivors++;
  const row = rowOf(job, hunted);
  rows.push(row);
  print(row.join(' | '));
  // At once, for a run is long, and may be interrupted.
  if (values.write) writeFileSync(file, documentOf(bugs, rows, readFileSync(file, 'utf8'), froms));
  return true;
}

const started = performance.now();
await spread(new URL('./mutant-worker.js', import.meta.url), jobs, take);
print(`${chosen.length} planted, ${survivors} survived, ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = survivors === 0 ? 0 : 1;

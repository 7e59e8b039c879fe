// pnpm sim:mutants: plants each bug in a copy of the core, and fails if the simulator lets one live.
import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bugs } from './bugs.js';
import type { Hunted, HuntJob } from './mutant-worker.js';
import { spread } from './spread.js';

const usage = `usage: sim:mutants [--seeds N] [--from S] [--ticks T] [--what core|grid|storages] [--only TEXT] [--write]
  --seeds  how many seeds a mutant may survive (default 500)
  --from   the first of them (default 1)
  --ticks  how long the faults of each last, in ms of virtual time (default 20000)
  --what   only those of cores, of whole members, or of storages (default all)
  --only   plant only those whose name matches this expression
  --write  keep what was found in MUTANTS.md, with what it says of bugs that were not planted now`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    from: { type: 'string', default: '1' },
    ticks: { type: 'string', default: '20000' },
    what: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const [seeds, from, ticks] = [values.seeds, values.from, values.ticks].map(Number);
if (values.help || !seeds || from === undefined || !ticks || Number.isNaN(from)) {
  print(usage);
  process.exit(values.help ? 0 : 2);
}

const chosen = bugs.filter(
  ({ what, name }) => new RegExp(values.what).test(what) && new RegExp(values.only).test(name),
);
const jobs = chosen.map((bug): HuntJob => ({ ...bug, from, seeds, ticks }));
const rows = new Map<string, readonly string[]>();
let survivors = 0;

function take({ caught }: Hunted, { what, name }: HuntJob): boolean {
  if (!caught) survivors++;
  const row = [what, name, `${caught?.seeds ?? 'SURVIVED'}`, caught?.invariant ?? '-'];
  rows.set(keyOf(what, name), row);
  print(row.join(' | '));
  return true;
}

const started = performance.now();
await spread(new URL('./mutant-worker.js', import.meta.url), jobs, take);
print(`${chosen.length} planted, ${survivors} survived, ${((performance.now() - started) / 1000).toFixed(0)} s`);
if (values.write) {
  const head =
    '# Planted bugs\n\nWritten by `pnpm sim:mutants --write`: each was put into a copy of the core, or of the whole product, and had to be caught.\n';
  const file = new URL('../../MUTANTS.md', import.meta.url);
  const before = rowsOf(readFileSync(file, 'utf8'));
  const all = bugs.flatMap(({ what, name }) => {
    const row = rows.get(keyOf(what, name)) ?? before.get(keyOf(what, name));
    return row === undefined ? [] : [row];
  });
  const titles = ['simulation', 'planted bug', 'seeds it took', 'what spoke'];
  writeFileSync(file, `${head}\n${tableOf([titles, ...all])}\n`);
}
process.exitCode = survivors === 0 && chosen.length > 0 ? 0 : 1;

function keyOf(what: string, name: string): string {
  return `${what}: ${name}`;
}

/** The rows of a table in Markdown, by what they are about. */
function rowsOf(markdown: string): Map<string, readonly string[]> {
  const lines = markdown.split('\n').filter((line) => line.startsWith('| '));
  const cells = lines.map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
  return new Map(cells.map((row) => [keyOf(row[0] ?? '', row[1] ?? ''), row]));
}

/** As Markdown, with columns of one width; the first row is the head. */
function tableOf(cells: readonly (readonly string[])[]): string {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}

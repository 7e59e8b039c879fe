// pnpm sim:mutants: plants each bug in a copy of the core, and fails if the simulator lets one live.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { hunt } from '../mutants/hunt.js';
import { plant } from '../mutants/plant.js';
import { mutants } from '../mutants/table.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    from: { type: 'string', default: '1' },
    ticks: { type: 'string', default: '20000' },
    only: { type: 'string', default: '' },
  },
});

const chosen = mutants.filter(({ name }) => name.includes(values.only));
const print = (line: string): void => void process.stdout.write(`${line}\n`);
print(`| mutant | seeds | invariant that spoke | s |\n| --- | --- | --- | --- |`);
let survivors = 0;
for (const mutant of chosen) {
  const started = performance.now();
  const caught = hunt(plant(mutant), Number(values.from), Number(values.seeds), Number(values.ticks));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (!caught) survivors++;
  print(`| ${mutant.name} | ${caught?.seeds ?? 'SURVIVED'} | ${caught?.failure.invariant ?? '-'} | ${seconds} |`);
}
print(`${chosen.length} planted, ${survivors} survived`);
process.exitCode = survivors === 0 ? 0 : 1;

import { isOfTwo } from './coverage/situations.js';
import type { SimulationResult } from './result.js';
import { Tally } from './tally.js';

/** What many runs came to. */
export class Summary {
  runs = 0;
  simulatedMs = 0;
  events = 0;
  readonly operations = new Tally();
  readonly faults = new Tally();
  readonly counts = new Tally();
  /** Each situation, with the number of the run that met it first. */
  readonly #situations = new Map<number, number>();

  add({ simulatedMs, events, operations, faults, counts, situations }: SimulationResult): void {
    this.runs++;
    this.simulatedMs += simulatedMs;
    this.events += events;
    this.operations.addAll(operations);
    this.faults.addAll(faults);
    this.counts.addAll(counts);
    for (const each of situations) if (!this.#situations.has(each)) this.#situations.set(each, this.runs);
  }

  /** How many were met, of one member or of two, and how many of them in the last tenth of the runs for the first time. */
  situations(ofTwo: boolean): { readonly met: number; readonly fresh: number } {
    const from = this.runs - this.runs / 10;
    const met = [...this.#situations].filter(([situation]) => isOfTwo(situation) === ofTwo);
    return { met: met.length, fresh: met.filter(([, run]) => run > from).length };
  }

  /** Classes of faults that never struck. */
  get missedFaults(): string[] {
    return [...this.faults.counts].filter(([, count]) => count === 0).map(([name]) => name);
  }
}

export function formatSummary(summary: Summary): string {
  const { runs, simulatedMs, events, operations, faults, counts } = summary;
  const hours = (simulatedMs / 3_600_000).toFixed(2);
  const aSecond = ([...operations.counts.values()].reduce((sum, count) => sum + count, 0) * 1000) / simulatedMs;
  return [
    `${runs} seeds, ${hours} simulated hours, ${events} events, ${aSecond.toFixed(1)} operations a simulated second`,
    ...situationsOf(summary),
    ...section('operations', operations),
    ...section('faults', faults),
    ...section('besides', counts),
  ].join('\n');
}

function situationsOf(summary: Summary): string[] {
  const [one, two] = [summary.situations(false), summary.situations(true)];
  if (one.met === 0) return [];
  return [
    `${one.met} situations of a member, ${one.fresh} of them new in the last tenth of the seeds; ${two.met} of two members at one time, ${two.fresh} new`,
  ];
}

function section(title: string, { counts }: Tally): string[] {
  const names = [...counts.keys()].sort();
  const width = Math.max(...names.map((name) => name.length), 0);
  return [title, ...names.map((name) => `  ${name.padEnd(width)} ${String(counts.get(name)).padStart(10)}`)];
}

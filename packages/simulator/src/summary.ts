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
  /** Each abstract state, with the number of the run that met it first. */
  readonly #states = new Map<number, number>();

  add({ simulatedMs, events, operations, faults, counts, states }: SimulationResult): void {
    this.runs++;
    this.simulatedMs += simulatedMs;
    this.events += events;
    this.operations.addAll(operations);
    this.faults.addAll(faults);
    this.counts.addAll(counts);
    for (const state of states) if (!this.#states.has(state)) this.#states.set(state, this.runs);
  }

  get states(): number {
    return this.#states.size;
  }

  /** States that were met in the last tenth of the runs for the first time: few say that more runs of this kind show little more. */
  get newStates(): number {
    const from = this.runs - this.runs / 10;
    return [...this.#states.values()].filter((run) => run > from).length;
  }

  /** Classes of faults that never struck. */
  get missedFaults(): string[] {
    return [...this.faults.counts].filter(([, count]) => count === 0).map(([name]) => name);
  }
}

export function formatSummary(summary: Summary): string {
  const { runs, simulatedMs, events, operations, faults, counts, states, newStates } = summary;
  const hours = (simulatedMs / 3_600_000).toFixed(2);
  const aSecond = ([...operations.counts.values()].reduce((sum, count) => sum + count, 0) * 1000) / simulatedMs;
  return [
    `${runs} seeds, ${hours} simulated hours, ${events} events, ${aSecond.toFixed(1)} operations a simulated second`,
    `${states} abstract states, ${newStates} of them new in the last tenth of the seeds`,
    ...section('operations', operations),
    ...section('faults', faults),
    ...section('besides', counts),
  ].join('\n');
}

function section(title: string, { counts }: Tally): string[] {
  const names = [...counts.keys()].sort();
  const width = Math.max(...names.map((name) => name.length), 0);
  return [title, ...names.map((name) => `  ${name.padEnd(width)} ${String(counts.get(name)).padStart(10)}`)];
}

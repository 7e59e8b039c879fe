import type { SimulationResult } from './simulation.js';

/** What many seeds came to. */
export class Summary {
  seeds = 0;
  simulatedMs = 0;
  events = 0;
  readonly totals = new Map<string, number>();
  readonly faults = new Map<string, number>();

  add({ simulatedMs, counters, network, faults, elections, committed }: SimulationResult): void {
    this.seeds++;
    this.simulatedMs += simulatedMs;
    this.events += counters.events;
    addTo(this.totals, 'elections', elections);
    addTo(this.totals, 'entries committed', committed);
    for (const [name, count] of Object.entries(counters))
      if (name !== 'events') addTo(this.totals, spaced(name), count);
    for (const [name, count] of faults) addTo(this.faults, name, count);
    for (const [name, count] of Object.entries(network)) addTo(this.faults, `message ${name}`, count);
  }
}

export function formatSummary(summary: Summary): string {
  const { seeds, simulatedMs, events, totals, faults } = summary;
  const hours = (simulatedMs / 3_600_000).toFixed(2);
  const list = (counts: ReadonlyMap<string, number>): string =>
    [...counts].map(([name, count]) => `  ${name.padEnd(22)} ${count}`).join('\n');
  return `${seeds} seeds, ${hours} simulated hours, ${events} events\n${list(totals)}\nfaults\n${list(faults)}`;
}

function addTo(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

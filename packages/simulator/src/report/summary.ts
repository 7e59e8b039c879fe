import type { Summary } from '../summary.js';
import type { Tally } from '../tally.js';
import { table } from './table.js';

const unmetShown = 8;

/** What many runs came to, for readers who ask whether more of them would show more. */
export function formatSummary(summary: Summary): string {
  const { runs, simulatedMs, events, strikes, operations, faults, counts } = summary;
  const hours = (simulatedMs / 3_600_000).toFixed(2);
  const aSecond = ((totalOf(operations) * 1000) / simulatedMs).toFixed(1);
  const faultEvery = (simulatedMs / 1000 / strikes).toFixed(1);
  const often = strikes > 0 ? `a fault every ${faultEvery} simulated seconds` : 'no fault was injected';
  return [
    `${runs} ${runs === 1 ? 'seed' : 'seeds'}, ${hours} simulated hours, ${events} events`,
    `${aSecond} operations a simulated second, ${often}`,
    ...describeSituations(summary),
    ...section('operations, by what became of them', byKind(operations)),
    ...section('faults, the rarest first', byCount(faults)),
    ...section('besides', byName(counts)),
  ].join('\n');
}

function describeSituations(summary: Summary): string[] {
  const [one, two] = [summary.situations(false), summary.situations(true)];
  if (one.met === 0) return [];
  const { all, unmet } = summary.possibleSituations;
  const shown = unmet.slice(0, unmetShown).map((words) => `  never met: ${words}`);
  const impossible = summary.impossibleSituations.map((words) => `  met, though it should not be: ${words}`);
  return [
    `${all - unmet.length} of ${all} situations of a member, ${one.fresh} of them new in the last tenth of the seeds; ${two.met} of two members at one time, ${two.fresh} new`,
    ...shown,
    ...(unmet.length > unmetShown ? [`  never met: ${unmet.length - unmetShown} more`] : []),
    ...impossible,
  ];
}

function totalOf({ counts }: Tally): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** A kind of operation a row, with its outcomes, the most frequent first. */
function byKind({ counts }: Tally): string[][] {
  const kinds = new Map<string, [outcome: string, count: number][]>();
  for (const [name, count] of counts) {
    const [kind = '', outcome = ''] = name.split(': ');
    kinds.set(kind, [...(kinds.get(kind) ?? []), [outcome, count]]);
  }
  const rows = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
  return rows.map(([kind, outcomes]) => {
    const sorted = outcomes.sort(([, a], [, b]) => b - a).map(([outcome, count]) => `${outcome} ${count}`);
    return [kind, `${outcomes.reduce((sum, [, count]) => sum + count, 0)}`, sorted.join(', ')];
  });
}

function byCount({ counts }: Tally): string[][] {
  const rows = [...counts].sort(([, a], [, b]) => a - b);
  return rows.map(([name, count]) => [name, count === 0 ? 'never' : `${count}`]);
}

function byName({ counts }: Tally): string[][] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => [name, `${count}`]);
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return [title, ...table(rows, [1])];
}

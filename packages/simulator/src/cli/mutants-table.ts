import type { Bug } from './bugs.js';
import type { Hunted } from './mutant-worker.js';

export type Row = readonly string[];

/** What became of a planted bug: how many seeds of each range it took, and all that spoke. */
export function rowOf({ what, name }: Bug, hunted: Hunted): Row {
  const spoke = new Set(hunted.flatMap((caught) => caught?.invariant ?? []));
  return [what, name, ...hunted.map((caught) => `${caught?.seeds ?? 'SURVIVED'}`), [...spoke].join('; ')];
}

/** MUTANTS.md, with the rows that are new and those of the text before. What is in no table any more, or was hunted in other ranges, is left out. */
export function documentOf(
  bugs: readonly Bug[],
  rows: readonly Row[],
  before: string,
  froms: readonly number[],
): string {
  const kept = new Map([...rowsOf(before), ...rows].map((row): [string, Row] => [keyOf(row), row]));
  const titles = ['simulation', 'planted bug', ...froms.map((from) => `from ${from}`), 'what spoke'];
  const all = bugs.flatMap(({ what, name }) => {
    const row = kept.get(keyOf([what, name]));
    return row?.length === titles.length ? [row] : [];
  });
  return `${head}\n${tableOf([titles, ...all])}\n`;
}

const head = `# Planted bugs

Written by \`pnpm sim:mutants --write\`: each was put into a copy of the core, or of the whole product, and had to be caught, three times: the
figures are the seeds that it took, counted from the seed above them, of faults that last 20 simulated seconds each; \`-\` where it was not hunted yet.
`;

function keyOf([what = '', name = '']: Row): string {
  return `${what}: ${name}`;
}

/** The rows of a table in Markdown. */
function rowsOf(markdown: string): Row[] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

/** As Markdown, with columns of one width; the first row is the head. */
function tableOf(cells: readonly Row[]): string {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}

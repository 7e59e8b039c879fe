/**
 * Rows of cells in columns that are as wide as they have to be.
 *
 * @param figures the columns that are set to the right
 */
export function table(rows: readonly (readonly string[])[], figures: readonly number[] = []): string[] {
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const cell = (text: string, at: number): string =>
    figures.includes(at) ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
  return rows.map((row) => `  ${row.map(cell).join('  ')}`.trimEnd());
}

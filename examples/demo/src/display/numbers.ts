const wholeFormat = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fineFormat = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** `12,345` */
export function whole(value: number): string {
  return wholeFormat.format(value);
}

/** `0.42 ms`, or `1,234 ms` where fractions say nothing. */
export function milliseconds(value: number): string {
  return `${(value < 100 ? fineFormat : wholeFormat).format(value)} ms`;
}

/** `1.2 s` */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

const width = 140;

/** What a seed drew, a value after the other. */
export function describePlan(plan: object): string[] {
  const lines: string[] = [];
  for (const part of partsOf(plan)) {
    const last = lines[lines.length - 1];
    if (last === undefined || last.length + part.length > width) lines.push(`  ${part}`);
    else lines[lines.length - 1] = `${last}${last.endsWith(';') ? '' : ','} ${part}`;
  }
  return lines;
}

function partsOf(plan: object): string[] {
  return Object.entries(plan).flatMap(([name, value]: [string, unknown]) => {
    if (Array.isArray(value)) return listed(name, value);
    if (typeof value === 'object' && value !== null) return partsOf(value).map((part) => `${name}.${part}`);
    return [`${name} ${value === Number.POSITIVE_INFINITY ? 'never' : value}`];
  });
}

/** An item a part, so that long lists are broken as well. */
function listed(name: string, items: readonly unknown[]): string[] {
  if (items.length === 0) return [`${name} none`];
  return items.map((item, at) => `${at === 0 ? `${name} ` : ''}${item}${at < items.length - 1 ? ';' : ''}`);
}

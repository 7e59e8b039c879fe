import type { Configuration, Entry } from '@hamok/raft';

export function position(index: number, term: number): string {
  return `${index}/${term}`;
}

/** index/term, with what is not a command spelled out: `·` for the entry with which a term begins. */
export function describeEntry({ index, term, kind, configuration }: Entry): string {
  const suffix = configuration ? `=${describeConfiguration(configuration)}` : kind === 'no-op' ? '·' : '';
  return `${position(index, term)}${suffix}`;
}

/** Commands of one term that follow each other as `from..to/term`. */
export function describeEntries(entries: readonly Entry[]): string {
  const parts: string[] = [];
  let from = 0;
  entries.forEach((entry, at) => {
    const next = entries[at + 1];
    if (
      entry.kind === 'command' &&
      next?.kind === 'command' &&
      next.term === entry.term &&
      next.index === entry.index + 1
    )
      return;
    const first = entries[from];
    parts.push(first && from < at ? `${first.index}..${describeEntry(entry)}` : describeEntry(entry));
    from = at + 1;
  });
  return parts.join(' ');
}

/** Directions in which nothing arrives, put together: those of `a` and `b` to `c` and back. */
export function describeLinks(links: readonly (readonly [from: string, to: string])[]): string {
  const targets = new Map<string, string[]>();
  for (const [from, to] of links) targets.set(from, [...(targets.get(from) ?? []), to]);
  const sources = new Map<string, string[]>();
  for (const [from, to] of targets) sources.set(to.join(' '), [...(sources.get(to.join(' ')) ?? []), from]);
  const groups = [...sources].map(([to, from]) => ({ from: from.join(' '), to }));
  const isBack = (one: { from: string; to: string }, at: number): boolean =>
    groups.slice(0, at).some(({ from, to }) => from === one.to && to === one.from);
  return groups
    .filter((group, at) => !isBack(group, at))
    .map(
      ({ from, to }) => `${from} ${groups.some((other) => other.from === to && other.to === from) ? '<>' : '>'} ${to}`,
    )
    .join(', ');
}

export function describeConfiguration({ voters, learners }: Configuration): string {
  return `{${voters.join(',')}${learners.length > 0 ? ` +${learners.join(',')}` : ''}}`;
}

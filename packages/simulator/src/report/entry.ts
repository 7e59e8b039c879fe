import type { Configuration, Entry } from '@hamok/raft';

export function position(index: number, term: number): string {
  return `${index}/${term}`;
}

/** index/term, with what is not a command spelled out: `·` for the entry with which a term begins. */
export function describeEntry({ index, term, kind, configuration }: Entry): string {
  const suffix = configuration ? `=${describeConfiguration(configuration)}` : kind === 'no-op' ? '·' : '';
  return `${position(index, term)}${suffix}`;
}

export function describeEntries(entries: readonly Entry[]): string {
  return entries.map(describeEntry).join(' ');
}

export function describeConfiguration({ voters, learners }: Configuration): string {
  return `{${voters.join(',')}${learners.length > 0 ? ` +${learners.join(',')}` : ''}}`;
}

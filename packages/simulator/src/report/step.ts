import type { Step } from '../invariants/step.js';
import { describeEntries } from './entry.js';

/** What a step changed, in words; undefined for nothing to speak of. */
export function describeStep({ member, before, after, fresh, rewrittenFrom }: Step): string | undefined {
  const { id, core } = member;
  const { term, role, commitIndex, appliedIndex, baseIndex, lastIndex, vote } = after;
  if (!before) return `${id} is here: ${role} of t${term}, log ${baseIndex}..${lastIndex}, committed ${commitIndex}`;
  const news: string[] = [];
  if (before.term !== term || before.role !== role) {
    if (role === 'leader') news.push(`LEADS t${term}`);
    else if (role === 'candidate') news.push(`stands in t${term}`);
    else if (role === 'pre-candidate') news.push(`asks for votes ahead of t${term + 1}`);
    else
      news.push(
        `${before.role === 'leader' ? 'LEADS NO MORE and ' : ''}follows ${core.leader ?? 'nobody'} in t${term}`,
      );
  }
  if (vote !== undefined && vote !== before.vote && vote !== id) news.push(`votes for ${vote} in t${term}`);
  if (rewrittenFrom <= before.lastIndex) news.push(`drops its log from ${rewrittenFrom} on`);
  if (fresh.length > 0) news.push(`appends ${describeEntries(fresh)}`);
  if (before.commitIndex !== commitIndex) news.push(`commits ${before.commitIndex + 1}..${commitIndex}`);
  if (before.baseIndex !== baseIndex)
    news.push(
      baseIndex > before.lastIndex ? `begins anew behind the snapshot of ${baseIndex}` : `compacts up to ${baseIndex}`,
    );
  if (before.appliedIndex !== appliedIndex && appliedIndex !== commitIndex) news.push(`applied ${appliedIndex}`);
  return news.length > 0 ? `   ${id} ${news.join(', ')}` : undefined;
}

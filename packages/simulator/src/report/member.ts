import type { MemberId, RaftCore } from '@hamok/raft';
import { describeEntry } from './entry.js';

/** Who a member is now, in one line: role, term, and a strip of its log: `…` compacted, `|` behind what is committed. */
export function describeMember(id: MemberId, core: RaftCore): string {
  const { log, role, term, vote, leader } = core;
  const entries: string[] = [];
  const from = Math.max(log.firstIndex, log.commitIndex - 3);
  for (let index = from; index <= log.lastIndex; index++) {
    const entry = log.get(index);
    if (entry) entries.push(describeEntry(entry));
    if (index === log.commitIndex) entries.push('|');
  }
  const strip = `${from > 0 ? '… ' : ''}${entries.join(' ')}`;
  return `${id} ${role} t${term} vote ${vote ?? '-'} leader ${leader ?? '-'} [${strip}] commit ${log.commitIndex} applied ${log.appliedIndex}`;
}

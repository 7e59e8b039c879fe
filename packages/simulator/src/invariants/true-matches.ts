import { type Invariant, Violation } from './invariant.js';

/**
 * What a leader believes to be equal on another member is durable there, unless that has moved on to a later term, and it only ever believes
 * more. It takes nobody for forgetful, whose disk is not.
 */
export function trueMatches(): Invariant {
  const name = 'a match is true';
  const highest = new WeakMap<object, number>();
  return {
    name,
    source: 'Raft paper, figure 2 (matchIndex: known to be replicated)',
    onLeaderStep({ member, members, after }) {
      const { log, progress } = member.core;
      for (const [id, known] of progress) {
        const { matchIndex, state } = known;
        const before = highest.get(known) ?? -1;
        if (matchIndex < before)
          throw new Violation(name, `${member.id} believes that ${id} holds ${matchIndex}, no more ${before}`);
        if (matchIndex > before) highest.set(known, matchIndex);
        // No disk here forgets what was synced.
        if (state === 'forgetful')
          throw new Violation(name, `${member.id} of t${after.term} believes that ${id} forgot`);
        const term = log.termAt(matchIndex);
        if (matchIndex < 0 || term === undefined) continue;
        const other = members.get(id);
        if (!other || other.core.term > after.term) continue;
        if (!other.disk.holds(matchIndex, term))
          throw new Violation(name, `${member.id} of t${after.term} believes that ${id} holds ${matchIndex}/${term}`);
      }
    },
  };
}

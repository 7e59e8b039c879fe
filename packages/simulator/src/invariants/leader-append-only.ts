import { type Invariant, Violation } from './invariant.js';

/** A leader never overwrites or deletes entries in its log; it only appends. */
export function leaderAppendOnly(): Invariant {
  const name = 'leader append-only';
  return {
    name,
    source: 'Raft paper, figure 3; §5.3',
    onStep({ member, before, after, rewrittenFrom }) {
      if (before?.role !== 'leader' || before.term !== after.term || rewrittenFrom === Infinity) return;
      throw new Violation(name, `${member.id} leads term ${after.term} and changed its log from ${rewrittenFrom}`);
    },
  };
}

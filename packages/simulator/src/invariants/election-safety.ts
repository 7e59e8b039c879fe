import { type Invariant, Violation } from './invariant.js';

/** At most one leader can be elected in a given term. */
export function electionSafety(): Invariant {
  const name = 'election safety';
  const leaders = new Map<number, string>();
  return {
    name,
    source: 'Raft paper, figure 3; §5.2',
    onStep({ member, after }) {
      if (after.role !== 'leader') return;
      const leader = leaders.get(after.term) ?? member.id;
      if (leader !== member.id) throw new Violation(name, `${leader} and ${member.id} both lead term ${after.term}`);
      leaders.set(after.term, leader);
    },
  };
}

import { type Invariant, Violation } from './invariant.js';

/** A term exists only once somebody stood for election in it: asking for pre-votes raises nobody's term. */
export function termsBeginWithCandidates(): Invariant {
  const name = 'pre-votes raise no term';
  let highest = 0;
  return {
    name,
    source: 'thesis §9.6',
    onStep({ member, after }) {
      if (after.term <= highest) return;
      if (after.role !== 'candidate' && after.role !== 'leader' && after.vote !== member.id)
        throw new Violation(name, `${member.id} is in term ${after.term}, in which nobody stood`);
      highest = after.term;
    },
  };
}

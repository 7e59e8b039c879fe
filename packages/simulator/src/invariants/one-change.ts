import { type Invariant, Violation } from './invariant.js';

/** A leader begins a change of the members only when the one before, and an entry of its own term, are committed. */
export function oneChange(): Invariant {
  const name = 'one membership change in flight';
  return {
    name,
    source: 'thesis §4.1, with the correction of 2015',
    onStep({ member, before, after, fresh }) {
      if (after.role !== 'leader' || before?.role !== 'leader' || before.term !== after.term) return;
      const { log } = member.core;
      for (const change of fresh) {
        if (change.kind !== 'configuration') continue;
        const where = `${member.id} began the change ${change.index} in term ${after.term}`;
        // A driver may commit one change and begin the next in a single step.
        if (log.termAt(after.commitIndex) !== after.term && after.commitIndex > after.baseIndex)
          throw new Violation(name, `${where} with only ${after.commitIndex} of earlier terms committed`);
        for (let index = after.commitIndex + 1; index < change.index; index++)
          if (log.get(index)?.kind === 'configuration')
            throw new Violation(name, `${where} while ${index} is under way`);
      }
    },
  };
}

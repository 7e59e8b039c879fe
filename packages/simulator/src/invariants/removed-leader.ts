import { type Invariant, Violation } from './invariant.js';

/** Nobody leads a grid that it was removed from: a leader leads until its removal is committed, and no longer. */
export function removedLeader(): Invariant {
  const name = 'a removed leader steps down';
  return {
    name,
    source: 'thesis §4.2.2',
    onStep({ member, after }) {
      if (after.role !== 'leader') return;
      const { configuration, log } = member.core;
      const isCommitted = log.configurationAt(after.commitIndex) === configuration;
      if (isCommitted && !configuration.voters.includes(member.id))
        throw new Violation(name, `${member.id} leads term ${after.term}, and its removal is committed`);
    },
  };
}

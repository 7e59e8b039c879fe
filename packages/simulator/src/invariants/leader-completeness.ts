import { type Invariant, Violation } from './invariant.js';
import type { Ledger } from './ledger.js';

/** An entry committed in a term is present in the logs of the leaders of all higher terms. */
export function leaderCompleteness(ledger: Ledger): Invariant {
  const name = 'leader completeness';
  return {
    name,
    source: 'Raft paper, figure 3; §5.4',
    onStep({ member, before, after }) {
      if (after.role !== 'leader' || (before?.role === 'leader' && before.term === after.term)) return;
      const last = ledger.lastIndexBefore(after.term);
      for (let index = after.baseIndex + 1; index <= last; index++) {
        const committed = ledger.at(index);
        if (!committed || member.core.log.termAt(index) === committed.entry.term) continue;
        const { term } = committed.entry;
        throw new Violation(name, `${member.id} leads term ${after.term} without ${index}/${term}, which is committed`);
      }
    },
  };
}

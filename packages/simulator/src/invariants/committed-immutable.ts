import { type Invariant, Violation } from './invariant.js';
import { type Ledger, sameEntry } from './ledger.js';

/** What one member holds committed never changes, and every other member commits the same. */
export function committedImmutable(ledger: Ledger): Invariant {
  const name = 'committed is immutable';
  return {
    name,
    source: 'Raft paper §5.4.3',
    onStep({ member, before, after, rewrittenFrom }) {
      const { log } = member.core;
      if (before && rewrittenFrom <= before.commitIndex)
        throw new Violation(name, `${member.id} rewrote ${rewrittenFrom}, committed up to ${before.commitIndex}`);
      for (let index = (before?.commitIndex ?? -1) + 1; index <= after.commitIndex; index++) {
        const entry = log.get(index);
        const committed = ledger.at(index);
        if (entry && committed && !sameEntry(entry, committed.entry))
          throw new Violation(name, `${member.id} committed ${index}/${entry.term}, not ${committed.entry.term}`);
      }
    },
  };
}

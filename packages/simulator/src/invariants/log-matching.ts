import type { Entry, MemberId } from '@hamok/raft';
import { type Invariant, Violation } from './invariant.js';
import { sameEntry } from './ledger.js';

interface Known {
  readonly holder: MemberId;
  readonly entry: Entry;
  readonly termBefore: number;
}

/**
 * If two logs contain an entry with the same index and term, then they are identical in all entries up through it.
 * Checked by induction: everyone who holds (index, term) holds the same bytes there, and the same term just before.
 */
export function logMatching(): Invariant {
  const name = 'log matching';
  /** By term, and then by index. */
  const known = new Map<number, Map<number, Known>>();
  return {
    name,
    source: 'Raft paper, figure 3; §5.3',
    onStep({ member, fresh }) {
      for (const entry of fresh) {
        const termBefore = member.core.log.termAt(entry.index - 1) ?? -1;
        const ofTerm = known.get(entry.term) ?? new Map<number, Known>();
        const first = ofTerm.get(entry.index);
        if (!first) {
          known.set(entry.term, ofTerm.set(entry.index, { holder: member.id, entry, termBefore }));
          continue;
        }
        const isSame = sameEntry(entry, first.entry);
        if (isSame && termBefore === first.termBefore) continue;
        const where = `${member.id} at ${entry.index}/${entry.term}`;
        if (!isSame) throw new Violation(name, `${where} holds another entry than ${first.holder}`);
        throw new Violation(name, `${where} follows term ${termBefore}, on ${first.holder} ${first.termBefore}`);
      }
    },
    // A sole voter may begin a term, crash before that is durable, and begin it again: nobody heard of the first time.
    onRestart({ id, disk }) {
      const durableTerm = disk.hardState?.term ?? 0;
      for (const [term, ofTerm] of known) {
        if (term <= durableTerm) continue;
        for (const [index, { holder }] of ofTerm) if (holder === id) ofTerm.delete(index);
      }
    },
  };
}

import { type Invariant, majorityOf, Violation } from './invariant.js';
import type { Ledger } from './ledger.js';

/** When an entry is first committed, a majority of the voters holds it durably, and it is or precedes one of the leader's term. */
export function commitQuorum(ledger: Ledger): Invariant {
  const name = 'committed on a voter quorum';
  return {
    name,
    source: 'Raft paper §5.3, §5.4.2; thesis §4.1, §4.2.1 (learners are not counted)',
    onStep(step) {
      const { member, members, before, after } = step;
      const index = ledger.record(step).at(-1);
      const entry = index === undefined ? undefined : ledger.at(index)?.entry;
      if (!entry) return;
      const where = `${member.id} committed ${entry.index}/${entry.term} in term ${after.term}`;
      // A leader that removed itself steps down in the very step that commits its removal.
      if (after.role !== 'leader' && before?.role !== 'leader')
        throw new Violation(name, `${where} before any leader did`);
      if (entry.term !== after.term) throw new Violation(name, `${where}: not by an entry of its own term`);
      const { voters } = member.core.configuration;
      const holders = voters.filter((voter) => members.get(voter)?.disk.holds(entry.index, entry.term));
      if (holders.length < majorityOf(voters.length))
        throw new Violation(name, `${where}: held by [${holders.join(' ')}] of [${voters.join(' ')}]`);
    },
  };
}

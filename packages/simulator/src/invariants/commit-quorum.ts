import type { Configuration, MemberId } from '@hamok/raft';
import { type Invariant, majorityOf, Violation } from './invariant.js';
import type { Ledger } from './ledger.js';
import type { Step } from './step.js';

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
      const where = (): string => `${member.id} committed ${entry.index}/${entry.term} in term ${after.term}`;
      // A leader that removed itself steps down in the very step that commits its removal.
      if (after.role !== 'leader' && before?.role !== 'leader')
        throw new Violation(name, `${where()} before any leader did`);
      if (entry.term !== after.term) throw new Violation(name, `${where()}: not by an entry of its own term`);
      const holds = (voter: MemberId): boolean => members.get(voter)?.disk.holds(entry.index, entry.term) ?? false;
      const quorums = configurationsIn(step).map(({ voters }) => ({ voters, holders: voters.filter(holds) }));
      if (quorums.some(({ voters, holders }) => holders.length >= majorityOf(voters.length))) return;
      const counted = quorums.map(({ voters, holders }) => `[${holders.join(' ')}] of [${voters.join(' ')}]`);
      throw new Violation(name, `${where()}: held by ${counted.join(', or ')}`);
    },
  };
}

/** Those in force during a step: a driver may commit one change, and begin the next, in a single one. */
function configurationsIn({ member, after, fresh }: Step): Configuration[] {
  const { configuration, log } = member.core;
  const begun = fresh.filter(({ kind, index }) => kind === 'configuration' && index > after.commitIndex);
  return [configuration, ...begun.map(({ index }) => log.configurationAt(index - 1))];
}

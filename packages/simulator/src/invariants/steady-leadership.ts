import type { MemberId } from '@hamok/raft';
import { type Invariant, majorityOf, Violation } from './invariant.js';
import type { Subject } from './subject.js';

const toleranceInMs = 1;

/** A leader leads on within its term while a majority of the voters answers it, until it is removed or asked to step down. */
export function steadyLeadership(): Invariant {
  const name = 'a leader leads on';
  /** When a leader last heard whom, by its own clock; in one term. */
  const heard = new Map<Subject, { readonly term: number; readonly at: Map<MemberId, number> }>();
  /** Who was asked to step down in its present turn. */
  const asked = new Set<Subject>();
  return {
    name,
    source: 'Raft paper §5.1, §5.2; thesis §6.2 (it steps down only when a majority is silent)',
    onReceive({ type, from, term }, receiver) {
      if ((type !== 'append-response' && type !== 'snapshot-response') || receiver.core.role !== 'leader') return;
      if (heard.get(receiver)?.term === term) heard.get(receiver)?.at.set(from, receiver.clock.latest);
    },
    onStepDown(leader) {
      asked.add(leader);
    },
    onTurn(member, { before, after }) {
      const { id, core, clock } = member;
      const isAsked = asked.delete(member);
      if (isAsked && after.role === 'leader' && after.term === before?.term)
        throw new Violation(name, `${id} was asked to step down, and leads t${after.term}`);
      if (after.role === 'leader' && heard.get(member)?.term !== after.term)
        heard.set(member, {
          term: after.term,
          at: new Map(core.configuration.voters.map((voter) => [voter, clock.latest])),
        });
      if (before?.role !== 'leader' || after.role === 'leader' || before.term !== after.term) return;
      const { voters } = core.configuration;
      const isRemoved = !voters.includes(id) && core.log.configurationIndex <= after.commitIndex;
      const { at } = heard.get(member) ?? {};
      const since = clock.latest - core.timing.followerMaxIdleInMs + toleranceInMs;
      const answering = voters.filter((voter) => voter === id || (at?.get(voter) ?? Number.NEGATIVE_INFINITY) > since);
      if (answering.length >= majorityOf(voters.length) && !isRemoved && !isAsked)
        throw new Violation(name, `${id} gave up t${after.term}, in which it hears [${answering.join(' ')}]`);
    },
  };
}

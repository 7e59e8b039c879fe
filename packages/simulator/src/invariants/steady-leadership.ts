import type { Configuration, MemberId } from '@hamok/raft';
import type { Member } from '../world/member.js';
import { about, type Invariant, majorityOf, membersOf, Violation } from './invariant.js';
import type { Facts } from './step.js';
import type { Subject } from './subject.js';

const toleranceInMs = 1;

/** What a leader of a term knows of the others: when it last heard whom, by its own clock. */
interface Reign {
  readonly term: number;
  readonly at: Map<MemberId, number>;
  /** The configuration in force, and since when. */
  configuration?: Configuration;
  since: number;
}

/** A leader leads on within its term while a majority of the voters answers it, until it is removed or asked to step down, and not much longer. */
export function steadyLeadership(): Invariant {
  const name = 'a leader leads on';
  const heard = new Map<Subject, Reign>();
  /** Who was asked to step down in its present turn. */
  const asked = new Set<Subject>();
  return {
    name,
    source: 'Raft paper §5.1, §5.2; thesis §6.2 (it steps down only when a majority is silent)',
    onReceive: about(['append-response', 'snapshot-response'], ({ from, term }, receiver) => {
      if (receiver.core.role !== 'leader') return;
      if (heard.get(receiver)?.term === term) heard.get(receiver)?.at.set(from, receiver.clock.latest);
    }),
    onStepDown(leader) {
      asked.add(leader);
    },
    onTurn(member, { before, after }) {
      const { id, core, clock } = member;
      const isAsked = asked.size > 0 && asked.delete(member);
      if (isAsked && after.role === 'leader' && after.term === before?.term)
        throw new Violation(name, `${id} was asked to step down, and leads t${after.term}`);
      if (after.role !== 'leader' && before?.role !== 'leader') return;
      const reign = reignOf(member, after);
      if (!reign || (before?.role !== 'leader' && after.role !== 'leader')) return;
      const { voters } = core.configuration;
      const isHeard = (within: number): boolean => {
        const since = clock.latest - within;
        let answering = 0;
        for (const voter of voters) if (voter === id || (reign.at.get(voter) ?? -Infinity) > since) answering++;
        return answering >= majorityOf(voters.length);
      };
      const { followerMaxIdleInMs } = core.timing;
      if (after.role === 'leader') {
        // The check that was made last saw a majority of the voters of then heard within an idle time; the next is due an idle time after it.
        const isChecked =
          core.nextDeadline > clock.latest && clock.latest - reign.since > followerMaxIdleInMs + toleranceInMs;
        if (isChecked && !isHeard(2 * followerMaxIdleInMs + toleranceInMs))
          throw new Violation(name, `${id} leads t${after.term}, though it heard no majority for two idle times`);
      } else if (before?.role === 'leader' && before.term === after.term) {
        const isRemoved = !voters.includes(id) && core.log.configurationIndex <= after.commitIndex;
        if (!isRemoved && !isAsked && isHeard(followerMaxIdleInMs - toleranceInMs))
          throw new Violation(name, `${id} gave up t${after.term}, in which it hears a majority`);
      }
    },
  };

  /** Of a leader, also of one that has just stepped down. Who becomes a member, for the first time or again, counts as heard. */
  function reignOf(member: Member, { role, term }: Facts): Reign | undefined {
    const before = heard.get(member);
    if (role !== 'leader') return before;
    const reign: Reign = before?.term === term ? before : { term, at: new Map(), since: 0 };
    heard.set(member, reign);
    const { configuration } = member.core;
    if (reign.configuration === configuration) return reign;
    const known = reign.configuration ? membersOf(reign.configuration) : [];
    reign.configuration = configuration;
    reign.since = member.clock.latest;
    for (const other of membersOf(configuration)) if (!known.includes(other)) reign.at.set(other, member.clock.latest);
    return reign;
  }
}

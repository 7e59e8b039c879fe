import { idOf, type MemberId, type RaftCore } from '@hamok/raft';
import type { Member } from '../world/member.js';
import { type Invariant, membersOf, type Refusal, Violation } from './invariant.js';

const toleranceInMs = 1;

/** What is asked of a leader is refused only for the reason that is given, and nothing is appended while leadership is handed over. */
export function trueRefusals(): Invariant {
  const name = 'refusals are true';
  /** When leaders began to hand over, by their own clocks. */
  const begun = new Map<Member, { readonly to: MemberId; readonly term: number; readonly at: number }>();
  const sinceHandingOver = (member: Member): number => {
    const { term, at } = begun.get(member) ?? {};
    return term === member.core.term && at !== undefined ? member.clock.latest - at : Number.POSITIVE_INFINITY;
  };
  return {
    name,
    source: 'thesis §3.10 (a leader that hands over accepts no requests), §4.1; LIMITS.md',
    onHandOver(member, to) {
      const { term, timing } = member.core;
      if (begun.get(member)?.to === to && sinceHandingOver(member) < timing.electionTimeoutInMs) return;
      begun.set(member, { to, term, at: member.clock.latest });
    },
    onRefuse(refusal, member) {
      const { core, clock } = member;
      const { reason, about = '' } = refusal;
      // It is given up with the next tick, which may be due.
      const mayHandOver =
        sinceHandingOver(member) < core.timing.electionTimeoutInMs + toleranceInMs || clock.latest >= core.nextDeadline;
      const isTrue = reason === 'transfer-in-progress' ? mayHandOver : isSo(reason, about, core);
      if (!isTrue) throw new Violation(name, `${member.id} says ${reason} ${about}`);
    },
    onLeaderStep({ member, fresh, before, after }) {
      if (before?.role !== 'leader' || before.term !== after.term) return;
      const { electionTimeoutInMs } = member.core.timing;
      if (
        sinceHandingOver(member as Member) < electionTimeoutInMs - toleranceInMs &&
        fresh.some(({ kind }) => kind !== 'no-op')
      )
        throw new Violation(name, `${member.id} took a request while it hands over`);
    },
  };
}

function isSo(reason: Refusal['reason'], about: MemberId, core: RaftCore): boolean {
  const { log, configuration, role, term, limits, progress } = core;
  const { voters, learners } = configuration;
  const isVoter = voters.includes(about);
  const isMember = isVoter || learners.includes(about);
  switch (reason) {
    case 'not-leader':
      return role !== 'leader';
    case 'busy':
      return uncommitted(core).reduce((sum, size) => sum + size, 0) > limits.maxUncommittedBytes;
    case 'term-not-committed':
      return log.termAt(log.commitIndex) !== term;
    case 'change-in-progress':
      return log.configurationAt(log.commitIndex) !== log.configuration;
    case 'already-member':
      return isMember;
    case 'incarnation-present':
      return !isMember && membersOf(configuration).some((member) => idOf(member) === idOf(about));
    case 'not-a-member':
      return !isMember;
    case 'not-a-learner':
      return isVoter;
    case 'learner-behind':
      return log.commitIndex - (progress.get(about)?.matchIndex ?? -1) > limits.maxPromotionLag;
    case 'last-voter':
      return isVoter && voters.length === 1;
    case 'cannot-hand-over':
      return role !== 'leader' || !isVoter || about === core.self;
    default:
      return false;
  }
}

/** The sizes of the entries of the leader's own term that are not committed. */
function uncommitted({ log, term }: RaftCore): number[] {
  const sizes: number[] = [];
  for (let index = log.commitIndex + 1; index <= log.lastIndex; index++) {
    const entry = log.get(index);
    if (entry?.term === term) sizes.push(entry.data.byteLength);
  }
  return sizes;
}

import { type Invariant, Violation } from './invariant.js';
import { mayStand } from './may-stand.js';
import type { Subject } from './subject.js';

/** Who may stand does, once the time has passed that it waited for a leader: it may be the only one whose log the others need. */
export function dueCandidacies(): Invariant {
  const name = 'who waits in vain stands';
  /** Until when each waits. */
  const deadlines = new Map<Subject, number>();
  const heard = new Set<Subject>();
  return {
    name,
    source: 'Raft paper §5.2 (a follower that hears nothing begins an election); thesis §4.1, §4.2.2 (who may)',
    onReceive(_, receiver) {
      heard.add(receiver);
    },
    onTurn(member, { before, after }) {
      const { id, core } = member;
      const hasHeard = heard.delete(member);
      const deadline = deadlines.get(member) ?? Number.POSITIVE_INFINITY;
      deadlines.set(member, core.nextDeadline);
      if (hasHeard || before?.role !== 'follower' || after.role !== 'follower') return;
      if (core.nextDeadline > deadline && mayStand(member) && !core.isInstalling)
        throw new Violation(name, `${id} heard nothing in t${after.term}, may stand, and waits on`);
    },
  };
}

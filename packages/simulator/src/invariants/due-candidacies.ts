import { type Invariant, Violation } from './invariant.js';
import { mayStand } from './may-stand.js';
import type { Subject } from './subject.js';

interface Wait {
  /** The deadline that the member showed last. */
  until: number;
  /** Whether it took a message since. */
  hasHeard: boolean;
}

/** Who may stand does, once the time has passed that it waited for a leader: it may be the only one whose log the others need. */
export function dueCandidacies(): Invariant {
  const name = 'who waits in vain stands';
  const waits = new Map<Subject, Wait>();
  const waitOf = (member: Subject): Wait => {
    const known = waits.get(member);
    if (known) return known;
    const wait = { until: Number.POSITIVE_INFINITY, hasHeard: false };
    waits.set(member, wait);
    return wait;
  };
  return {
    name,
    source: 'Raft paper §5.2 (a follower that hears nothing begins an election); thesis §4.1, §4.2.2 (who may)',
    onReceive(_, receiver) {
      waitOf(receiver).hasHeard = true;
    },
    onTurn(member, { before, after }) {
      const { id, core } = member;
      const wait = waitOf(member);
      const { until, hasHeard } = wait;
      wait.until = core.nextDeadline;
      wait.hasHeard = false;
      if (hasHeard || before?.role !== 'follower' || after.role !== 'follower') return;
      if (wait.until > until && mayStand(member) && !core.isInstalling)
        throw new Violation(name, `${id} heard nothing in t${after.term}, may stand, and waits on`);
    },
  };
}

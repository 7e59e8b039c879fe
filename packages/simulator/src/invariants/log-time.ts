import type { Member } from '../world/member.js';
import { type Invariant, Violation } from './invariant.js';

interface Takeover {
  readonly term: number;
  readonly at: number;
  readonly logTime: number;
}

/** The leader stamps what it appends with the time of the log when it took over, plus the time that passed on its clock since. */
export function logTimePasses(): Invariant {
  const name = 'log time is time under a leader';
  const takeovers = new Map<Member, Takeover>();
  const latest = new Map<Member, number>();
  return {
    name,
    source: 'thesis §6.3 (leases by the cluster clock); ARCHITECTURE.md',
    onTurn(member, { before, after, fresh }) {
      // A clock that jumps back does not take the core with it.
      const now = Math.max(before ? (latest.get(member) ?? 0) : 0, member.clock.now());
      latest.set(member, now);
      if (after.role !== 'leader') return;
      const { log } = member.core;
      let takeover = takeovers.get(member);
      if (takeover?.term !== after.term || before === undefined) {
        const { termStartIndex } = member.core;
        const previous = log.get(termStartIndex - 1) ?? log.base;
        takeover = { term: after.term, at: now, logTime: previous.time };
        takeovers.set(member, takeover);
      }
      const due = takeover.logTime + now - takeover.at;
      for (const { time, term, index } of fresh) {
        if (term === after.term && Math.abs(time - due) > 2)
          throw new Violation(name, `${member.id} stamps ${index} with ${time}, but ${due.toFixed(1)} is what passed`);
      }
    },
  };
}

import type { Member } from '../world/member.js';
import { type Invariant, Violation } from './invariant.js';

/** When a leader took over: by its clock then, by the latest reading of that, which the core may go by, and by the log. */
interface Takeover {
  readonly present: number;
  readonly latest: number;
  readonly logTime: number;
}

const toleranceInMs = 2;

/** The leader stamps what it appends with the time of the log when it took over, plus the time that passed on its clock since. */
export function logTimePasses(): Invariant {
  const name = 'log time is time under a leader';
  const takeovers = new Map<Member, Takeover>();
  return {
    name,
    source: 'thesis §6.3 (a cluster clock that the leader advances); ARCHITECTURE.md',
    onTurn(member, { before, after, fresh }) {
      if (after.role !== 'leader' || fresh.length === 0) return;
      const { log, termStartIndex } = member.core;
      const present = member.clock.now();
      const { latest } = member.clock;
      let takeover = takeovers.get(member);
      if (!takeover || before?.role !== 'leader' || before.term !== after.term) {
        const { time: logTime } = log.get(termStartIndex - 1) ?? log.base;
        takeover = { present, latest, logTime };
        takeovers.set(member, takeover);
      }
      const least = takeover.logTime + present - takeover.latest - toleranceInMs;
      const most = takeover.logTime + latest - takeover.present + toleranceInMs;
      for (const { time, term, index } of fresh) {
        if (term === after.term && (time < least || time > most))
          throw new Violation(
            name,
            `${member.id} stamps ${index} with ${time}: ${least.toFixed(1)} to ${most.toFixed(1)} are due`,
          );
      }
    },
  };
}

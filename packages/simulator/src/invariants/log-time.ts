import type { Member } from '../world/member.js';
import { type Invariant, Violation } from './invariant.js';

/** A reading of a clock that may have jumped back, which the core does not follow: the present, and the latest that it can know of. */
interface Reading {
  readonly present: number;
  readonly latest: number;
}

interface Takeover extends Reading {
  readonly logTime: number;
}

const toleranceInMs = 2;

/** The leader stamps what it appends with the time of the log when it took over, plus the time that passed on its clock since. */
export function logTimePasses(): Invariant {
  const name = 'log time is time under a leader';
  const takeovers = new Map<Member, Takeover>();
  const readings = new Map<Member, Reading>();
  return {
    name,
    source: 'thesis §6.3 (a cluster clock that the leader advances); ARCHITECTURE.md',
    onTurn(member, { before, after, fresh }) {
      const present = member.clock.now();
      const latest = Math.max(before ? (readings.get(member)?.latest ?? present) : present, present);
      readings.set(member, { present, latest });
      if (after.role !== 'leader') return;
      const { log, termStartIndex } = member.core;
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

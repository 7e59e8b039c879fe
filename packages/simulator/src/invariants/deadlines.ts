import type { Member } from '../world/member.js';
import { type Invariant, Violation } from './invariant.js';

/** Nobody waits for ever: whoever does not lead stands or gives up within two idle times, and a leader is never silent for longer than a heartbeat. */
export function deadlines(): Invariant {
  const name = 'nobody waits for ever';
  const latest = new Map<Member, number>();
  return {
    name,
    source: 'Raft paper §5.2 (randomised election timeouts, heartbeats)',
    onTurn(member, { before, after }) {
      const { core, clock } = member;
      // A clock that jumps back does not take the core with it.
      const now = Math.max(before ? (latest.get(member) ?? 0) : 0, clock.now());
      latest.set(member, now);
      const { followerMaxIdleInMs, heartbeatInMs } = core.timing;
      const most = after.role === 'leader' ? heartbeatInMs : 2 * followerMaxIdleInMs;
      if (core.nextDeadline - now > most + 1)
        throw new Violation(
          name,
          `${member.id}, ${after.role}, does nothing for ${(core.nextDeadline - now).toFixed(1)} ms`,
        );
    },
  };
}

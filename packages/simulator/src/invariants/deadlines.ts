import { type Invariant, Violation } from './invariant.js';

/** Whoever does not lead stands or gives up within two idle times, and a leader is never silent for longer than a heartbeat. */
export function deadlines(): Invariant {
  const name = 'nobody waits for ever';
  return {
    name,
    source: 'Raft paper §5.2 (randomised election timeouts, heartbeats)',
    onTurn({ id, core, clock }, { after }) {
      const { followerMaxIdleInMs, heartbeatInMs } = core.timing;
      const most = after.role === 'leader' ? heartbeatInMs : 2 * followerMaxIdleInMs;
      const wait = core.nextDeadline - clock.latest;
      if (wait > most + 1) throw new Violation(name, `${id}, ${after.role}, does nothing for ${wait.toFixed(1)} ms`);
    },
  };
}

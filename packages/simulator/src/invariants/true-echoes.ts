import { type Invariant, Violation } from './invariant.js';

/** A leader counts for a round of reads only who echoed that round, or a later one, in its own term. */
export function trueEchoes(): Invariant {
  const name = 'an echo is true';
  /** The highest round that was echoed, by follower, leader and term. */
  const echoes = new Map<string, number>();
  return {
    name,
    source: 'thesis §6.4 (a round of heartbeats after the read was asked for)',
    onSend(message) {
      if (message.type !== 'append-response') return;
      const link = `${message.from}>${message.to} ${message.term}`;
      if (message.round > (echoes.get(link) ?? -1)) echoes.set(link, message.round);
    },
    onLeaderStep({ member: { id, core }, after }) {
      for (const { member, ackedRound } of core.progress.values()) {
        if (ackedRound < 0 || ackedRound <= (echoes.get(`${member}>${id} ${after.term}`) ?? -1)) continue;
        throw new Violation(name, `${id} of t${after.term} believes that ${member} echoed round ${ackedRound}`);
      }
    },
  };
}

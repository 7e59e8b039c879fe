import { Links } from '../world/links.js';
import { about, type Invariant, Violation } from './invariant.js';

/** A leader counts for a round of reads only who echoed that round, or a later one, in its own term. */
export function trueEchoes(): Invariant {
  const name = 'an echo is true';
  /** The highest round that was echoed, by follower and leader, of each term. */
  const echoes = new Links<Map<number, number>>();
  return {
    name,
    source: 'thesis §6.4 (a round of heartbeats after the read was asked for)',
    onSend: about(['append-response'], (message) => {
      const { from, to, term, round } = message;
      const ofLink = echoes.get(from, to);
      if (!ofLink) echoes.set(from, to, new Map([[term, round]]));
      else if (round > (ofLink.get(term) ?? -1)) ofLink.set(term, round);
    }),
    onLeaderStep({ member: { id, core }, after }) {
      for (const { member, ackedRound } of core.progress.values()) {
        if (ackedRound < 0 || ackedRound <= (echoes.get(member, id)?.get(after.term) ?? -1)) continue;
        throw new Violation(name, `${id} of t${after.term} believes that ${member} echoed round ${ackedRound}`);
      }
    },
  };
}

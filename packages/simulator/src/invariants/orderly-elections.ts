import { about, type Invariant, Violation } from './invariant.js';

/** Who leads helps nobody to an election, and nobody stands while its state is being replaced by a snapshot. */
export function orderlyElections(): Invariant {
  const name = 'elections are orderly';
  const told = new Map<string, number>();
  /** Which leader of which term was asked to hand over to whom, and has not told that yet. */
  const wished = new Set<string>();
  return {
    name,
    source: 'thesis §4.2.3, §9.6 (a leader in office is not disturbed), §3.10 (who is told to stand), §7 of the paper',
    onSend: about(['timeout-now', 'pre-vote-response', 'vote-request'], (message, sender) => {
      const { type, from, to, term } = message;
      const { role } = sender.core;
      if (type === 'timeout-now') {
        told.set(to, term);
        if (!wished.delete(`${from}>${to} ${term}`))
          throw new Violation(
            name,
            `${from} of t${term} tells ${to} to stand, and was not asked to, or told it before`,
          );
      }
      if (type === 'pre-vote-response' && message.granted && role === 'leader')
        throw new Violation(name, `${from} leads t${sender.core.term} and would vote for ${to}`);
      if (type === 'vote-request' && message.transfer && (told.get(from) ?? Number.POSITIVE_INFINITY) >= term)
        throw new Violation(name, `${from} stands in t${term} as if a leader had wished it`);
    }),
    onHandOver({ id, core }, to) {
      if (to === id || !core.configuration.voters.includes(to))
        throw new Violation(name, `${id} is to hand over to ${to}, which is no other voter`);
      wished.add(`${id}>${to} ${core.term}`);
    },
    onStep({ member: { id, core }, after }) {
      if (after.role !== 'follower' && core.isInstalling)
        throw new Violation(name, `${id} is ${after.role} of t${after.term} in the middle of a restoration`);
    },
  };
}

import type { MemberId } from '@hamok/raft';
import { about, type Invariant, majorityOf, Violation } from './invariant.js';

/** Who begins to lead was voted for in that very term by a majority of the voters that it goes by. */
export function majorityOfVotes(): Invariant {
  const name = 'a leader has its votes';
  const votes = new Map<string, Set<MemberId>>();
  const votesFor = (candidate: MemberId, term: number): Set<MemberId> => {
    const key = `${candidate} ${term}`;
    const voters = votes.get(key) ?? new Set([candidate]);
    votes.set(key, voters);
    return voters;
  };
  return {
    name,
    source: 'Raft paper §5.2 (votes of a majority of the servers for the same term)',
    onSend: about(['vote-response'], (message) => {
      if (message.granted) votesFor(message.to, message.term).add(message.from);
    }),
    onStep({ member: { id, core }, before, after }) {
      if (after.role !== 'leader' || (before?.role === 'leader' && before.term === after.term)) return;
      const { voters } = core.configuration;
      const granted = voters.filter((voter) => votesFor(id, after.term).has(voter));
      if (granted.length < majorityOf(voters.length))
        throw new Violation(
          name,
          `${id} leads t${after.term} with the votes of [${granted.join(' ')}] of [${voters.join(' ')}]`,
        );
    },
  };
}

import { about, type Invariant, Violation } from './invariant.js';

/** Each member votes for at most one candidate in a given term, whatever it forgot in a crash. */
export function oneVote(): Invariant {
  const name = 'one vote a term';
  const votes = new Map<string, string>();
  const vote = (voter: string, term: number, candidate: string): void => {
    const key = `${voter} ${term}`;
    const first = votes.get(key) ?? candidate;
    if (first !== candidate)
      throw new Violation(name, `${voter} voted for ${first} and for ${candidate} in term ${term}`);
    votes.set(key, first);
  };
  return {
    name,
    source: 'Raft paper §5.2',
    onSend: about(['vote-request', 'vote-response'], (message) => {
      if (message.type === 'vote-request') vote(message.from, message.term, message.from);
      else if (message.granted) vote(message.from, message.term, message.to);
    }),
    onStep({ member, before, after }) {
      if (before?.term !== after.term || before.vote === undefined || before.vote === after.vote) return;
      throw new Violation(name, `${member.id} changed its vote from ${before.vote} to ${after.vote} in ${after.term}`);
    },
  };
}

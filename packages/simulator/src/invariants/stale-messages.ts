import type { MemberId } from '@hamok/raft';
import type { Member } from '../world/member.js';
import { type Invariant, Violation } from './invariant.js';

/** What comes from an earlier term changes nothing: neither who leads, nor when who stands, nor what a leader knows of the sender. */
export function staleMessages(): Invariant {
  const name = 'what is stale changes nothing';
  const before = new Map<Member, { readonly from: MemberId; readonly facts: string }>();
  return {
    name,
    source: 'Raft paper §5.1 (a request with a stale term number is rejected)',
    onReceive({ type, from, term }, receiver) {
      // Pre-votes are asked for, and denied, without a promise of any term.
      if (term >= receiver.core.term || type === 'pre-vote-request' || type === 'pre-vote-response') return;
      before.set(receiver, { from, facts: factsOf(receiver, from) });
    },
    onTurn(member) {
      if (before.size === 0) return;
      const { from, facts } = before.get(member) ?? {};
      if (from === undefined) return;
      before.delete(member);
      const now = factsOf(member, from);
      if (now !== facts)
        throw new Violation(name, `${member.id} was ${facts}, and is ${now}, by ${from} of an earlier term`);
    },
  };
}

function factsOf({ core }: Member, other: MemberId): string {
  const { role, term, vote, leader, log, nextDeadline } = core;
  const { state, matchIndex, nextIndex, ackedRound, lastHeardAt } = core.progress.get(other) ?? {};
  return [
    role,
    term,
    vote,
    leader,
    log.lastIndex,
    log.commitIndex,
    nextDeadline,
    state,
    matchIndex,
    nextIndex,
    ackedRound,
    lastHeardAt,
  ].join(' ');
}

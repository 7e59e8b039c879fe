import type { MemberId } from '@hamok/raft';
import type { Member } from '../world/member.js';
import { type Invariant, Violation } from './invariant.js';

/** Who hears of a later term enters it, unless that is only asked about, or is an election while a leader is heard; who asks or leads in an earlier one is told. */
export function termsSpread(): Invariant {
  const name = 'later terms are entered';
  const heard = new Map<Member, number>();
  const untold = new Map<Member, MemberId>();
  return {
    name,
    source: 'Raft paper §5.1 (if one server’s current term is smaller than the other’s, it updates its current term)',
    onReceive(message, receiver) {
      const { type, term, from } = message;
      const isRequest = type === 'vote-request' || type === 'append-request' || type === 'snapshot-request';
      if (isRequest && term < receiver.core.term) untold.set(receiver, from);
      if (type === 'pre-vote-request' || (type === 'pre-vote-response' && message.granted)) return;
      if (type === 'vote-request' && !message.transfer && receiver.core.leader !== undefined) return;
      if (term > receiver.core.term) heard.set(receiver, term);
    },
    onReady({ messages, messagesAfterPersist }, member) {
      if (untold.size === 0) return;
      const from = untold.get(member);
      if (from === undefined) return;
      const { term } = member.core;
      if ([...messages, ...messagesAfterPersist].some((answer) => answer.to === from && answer.term === term))
        untold.delete(member);
    },
    onTurn(member, { after }) {
      if (untold.size + heard.size === 0) return;
      const from = untold.get(member);
      if (untold.delete(member))
        throw new Violation(name, `${member.id} lets ${from} go on, which does not know of t${after.term}`);
      const term = heard.get(member);
      heard.delete(member);
      if (term !== undefined && term > after.term)
        throw new Violation(name, `${member.id} heard of t${term} and stays in t${after.term}`);
    },
  };
}

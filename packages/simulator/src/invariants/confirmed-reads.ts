import type { MemberId } from '@hamok/raft';
import type { Member } from '../world/member.js';
import { about, type Invariant, majorityOf, Violation } from './invariant.js';

/** A leader's term: when each round was first sent, and which round each follower answered, counted in appends sent by anybody. */
interface Reign {
  readonly term: number;
  readonly sentAt: number[];
  readonly answered: Map<MemberId, number>;
}

/** A read is answered with an index only once a majority of the voters has answered the leader something that it sent after the read was asked. */
export function confirmedReads(): Invariant {
  const name = 'reads are confirmed';
  const reigns = new Map<Member, Reign>();
  const asked = new Map<number, number>();
  const answeredByOthers = new Set<number>();
  let appends = 0;
  const check = (context: number, leader: Member): void => {
    const { id, core } = leader;
    const { voters } = core.configuration;
    const since = asked.get(context) ?? Number.POSITIVE_INFINITY;
    const reign = reigns.get(leader);
    const isConfirming = (voter: MemberId): boolean => {
      const round = reign?.term === core.term ? reign.answered.get(voter) : undefined;
      return voter === id || (round !== undefined && (reign?.sentAt[round] ?? -1) >= since);
    };
    const confirming = voters.filter(isConfirming);
    if (confirming.length < majorityOf(voters.length))
      throw new Violation(name, `${id} of t${core.term} answers #${context}, confirmed by [${confirming.join(' ')}]`);
  };
  return {
    name,
    source: 'thesis §6.4 (a new round of heartbeats, acknowledged by a majority)',
    onReadAsked(context) {
      asked.set(context, appends);
    },
    onSend: about(['append-request', 'read-index-response'], (message, sender) => {
      if (message.type === 'append-request') {
        const { term, round } = message;
        const before = reigns.get(sender);
        const reign = before?.term === term ? before : { term, sentAt: [], answered: new Map<MemberId, number>() };
        reigns.set(sender, reign);
        reign.sentAt[round] ??= appends;
        appends++;
      } else if (message.index !== undefined) {
        check(message.context, sender);
        answeredByOthers.add(message.context);
      }
    }),
    onReceive: about(['append-response'], (message, receiver) => {
      if (message.term !== receiver.core.term) return;
      const { answered } = reigns.get(receiver) ?? {};
      if (answered && message.round > (answered.get(message.from) ?? -1)) answered.set(message.from, message.round);
    }),
    onReadAnswered(context, index, reader) {
      if (index !== undefined && !answeredByOthers.has(context) && reader.core.role === 'leader')
        check(context, reader);
    },
  };
}

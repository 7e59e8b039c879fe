import type { LogPosition, MemberId, Message } from '@hamok/raft';
import type { Member } from '../world/member.js';
import { about, type Invariant, Violation } from './invariant.js';
import { LeaderContact } from './leader-contact.js';

/** What a request deserves; undefined where the clock does not decide. */
type Verdict = 'yes' | 'no' | 'silence' | undefined;

type Request = Extract<Message, { type: 'vote-request' | 'pre-vote-request' }>;

interface Asked {
  readonly request: Request;
  readonly verdict: Verdict;
  readonly termBefore: number;
  readonly voteBefore: MemberId | undefined;
  readonly deadlineBefore: number;
}

const toleranceInMs = 1;

/**
 * A vote, and the promise of one, is given to whoever deserves it and to nobody else: the log is no worse than the voter's, the term is new
 * or its vote free, and no leader was heard for an idle time, unless that leader wished the election.
 */
export function deservedVotes(): Invariant {
  const name = 'votes are deserved';
  const contact = new LeaderContact();
  const asked = new Map<Member, Asked>();
  /** What those who asked are to be told, by voter, candidate and term: votes wait for the disk, and may be asked for twice. */
  const due = new Map<string, Set<boolean>>();
  return {
    name,
    source: 'Raft paper, figure 2 (RequestVote), §5.4.1; thesis §4.2.3, §9.6 (what would be granted, without a leader)',
    onReceive: about(
      ['append-request', 'snapshot-request', 'vote-request', 'pre-vote-request'],
      (message, receiver) => {
        contact.received(message, receiver);
        if (message.type !== 'vote-request' && message.type !== 'pre-vote-request') return;
        const verdict = verdictOn(message, receiver, contact.silence(receiver));
        const { term: termBefore, vote: voteBefore, nextDeadline: deadlineBefore } = receiver.core;
        asked.set(receiver, { request: message, verdict, termBefore, voteBefore, deadlineBefore });
        if (message.type === 'pre-vote-request' || verdict === 'silence') return;
        const key = `${message.to} ${message.from} ${message.term}`;
        const answers = due.get(key) ?? new Set();
        due.set(key, answers);
        if (verdict !== 'no') answers.add(true);
        if (verdict !== 'yes') answers.add(false);
      },
    ),
    onSend: about(['pre-vote-response', 'vote-response'], (message, sender) => {
      if (message.type === 'pre-vote-response') {
        const { verdict, request } = asked.get(sender) ?? {};
        if (request?.from !== message.to || verdict === undefined || message.granted === (verdict === 'yes')) return;
        throw new Violation(name, `${sender.id} ${message.granted ? 'grants' : 'denies'} ${message.to} a pre-vote`);
      }
      const { from, to, term, granted } = message;
      if (!granted && term > (asked.get(sender)?.request.term ?? term)) return;
      if (!due.get(`${from} ${to} ${term}`)?.has(granted))
        throw new Violation(name, `${from} ${granted ? 'grants' : 'denies'} ${to} its vote in t${term}`);
    }),
    onTurn(member, { after }) {
      if (asked.size === 0) return;
      const { request, verdict, termBefore, voteBefore, deadlineBefore } = asked.get(member) ?? {};
      asked.delete(member);
      const isDisturbed =
        after.term !== termBefore || after.vote !== voteBefore || member.core.nextDeadline !== deadlineBefore;
      if (request?.type === 'pre-vote-request' && isDisturbed)
        throw new Violation(name, `${member.id} is disturbed by ${request.from}, which only asked`);
      if (request?.type !== 'vote-request') return;
      const who = `${member.id}, asked by ${request.from} in t${request.term},`;
      if (verdict === 'silence' && after.term !== termBefore)
        throw new Violation(name, `${who} left t${termBefore}, whose leader it hears`);
      if (verdict === 'no' && after.vote === request.from && (after.term !== termBefore || voteBefore !== request.from))
        throw new Violation(name, `${who} voted for a log that lacks what it has`);
      if (verdict === 'no' && request.term === termBefore && isDisturbed)
        throw new Violation(name, `${who} denied that, and waits anew`);
      if (verdict === 'yes' && (after.vote !== request.from || after.term !== request.term))
        throw new Violation(name, `${who} voted for ${after.vote} in t${after.term}`);
    },
    onRestart(member) {
      contact.forget(member);
    },
  };
}

function verdictOn(request: Request, { core, id }: Member, silence: number): Verdict {
  const { term, role, vote, log, leader, timing } = core;
  const isLogged = isNoWorse(request, log.last);
  const mayAsk = leader === undefined || (leader !== id && silence > timing.followerMaxIdleInMs + toleranceInMs);
  const hears = leader !== undefined && (leader === id || silence < timing.followerMaxIdleInMs - toleranceInMs);
  if (request.type === 'pre-vote-request') {
    if (request.term <= term || !isLogged || hears) return 'no';
    return mayAsk ? 'yes' : undefined;
  }
  if (request.term < term) return 'no';
  if (request.term === term)
    return isLogged && role === 'follower' && (vote === undefined || vote === request.from) ? 'yes' : 'no';
  if (!request.transfer && hears) return 'silence';
  if (!isLogged) return 'no';
  return request.transfer || mayAsk ? 'yes' : undefined;
}

function isNoWorse(request: Request, last: LogPosition): boolean {
  const { lastLogTerm, lastLogIndex } = request;
  return lastLogTerm === last.term ? lastLogIndex >= last.index : lastLogTerm > last.term;
}

import type { Message } from '@hamok/raft';
import type { Member } from '../world/member.js';
import { type Invariant, Violation } from './invariant.js';

/** A message says what its sender holds: entries with the terms in which they were created, the log's own end, what is committed. Nobody refuses one that keeps the rules, nor takes one that is for another incarnation. */
export function honestMessages(): Invariant {
  const name = 'messages say what is held';
  const misled = new Map<Member, Message>();
  return {
    name,
    source: 'Raft paper, figure 2 (arguments of AppendEntries and RequestVote), figure 13',
    onSend(message, sender) {
      const lie = lieIn(message, sender);
      if (lie !== undefined) throw new Violation(name, `${sender.id} sent ${message.type} to ${message.to}: ${lie}`);
    },
    onMisdelivered(message, receiver) {
      misled.set(receiver, message);
    },
    onReady(_, member) {
      if (misled.size === 0) return;
      const message = misled.get(member);
      if (message) throw new Violation(name, `${member.id} takes ${message.type}, which is for ${message.to}`);
    },
    onTurn(member) {
      const { id, core } = member;
      if (misled.size > 0) misled.delete(member);
      const { counters } = core;
      if (counters.messagesRefused > 0)
        throw new Violation(name, `${id} refused what a member sent that keeps the rules`);
    },
  };
}

function lieIn(message: Message, { id, core, disk }: Member): string | undefined {
  if (message.from !== id) return `from ${message.from}`;
  const { log, term, role } = core;
  switch (message.type) {
    case 'append-request': {
      const { prevLogIndex, prevLogTerm, entries, commitIndex, to } = message;
      const { voters, learners } = core.configuration;
      if (!voters.includes(to) && !learners.includes(to)) return 'which is no member';
      if (message.term !== term) return `of t${message.term} in t${term}`;
      if (prevLogIndex >= 0 && log.termAt(prevLogIndex) !== prevLogTerm)
        return `after ${prevLogIndex}/${prevLogTerm}, which is of t${log.termAt(prevLogIndex)}`;
      const other = entries.find((entry) => log.get(entry.index) !== entry);
      if (other) return `an entry ${other.index}/${other.term}, which is not its own`;
      return commitIndex === log.commitIndex ? undefined : `committed ${commitIndex}, which is ${log.commitIndex}`;
    }
    case 'pre-vote-request': {
      const { index, term: lastTerm } = log.last;
      if (message.term !== term + 1) return `of t${message.term} in t${term}`;
      if (!core.configuration.voters.includes(message.to)) return 'which has no vote';
      return message.lastLogIndex === index && message.lastLogTerm === lastTerm ? undefined : 'another end of its log';
    }
    case 'vote-request': {
      // It waited for the disk, and the candidate may have given up meanwhile.
      if (role !== 'candidate' || message.term !== term) return undefined;
      if (!core.configuration.voters.includes(message.to)) return 'which has no vote';
      const { index, term: lastTerm } = log.last;
      return message.lastLogIndex === index && message.lastLogTerm === lastTerm ? undefined : 'another end of its log';
    }
    case 'snapshot-request': {
      const { index } = message.position;
      if (message.term !== term) return `of t${message.term} in t${term}`;
      if (core.progress.get(message.to)?.state !== 'snapshot') return 'which needs none';
      return index <= disk.snapshot.position.index ? undefined : `of ${index}, which it does not have`;
    }
    case 'timeout-now': {
      if (message.term !== term) return `of t${message.term} in t${term}`;
      const { matchIndex = log.lastIndex } = core.progress.get(message.to) ?? {};
      return matchIndex < log.lastIndex ? `though it holds ${matchIndex} of ${log.lastIndex}` : undefined;
    }
    default:
      return undefined;
  }
}

import type { Configuration, Entry, Message, RaftCore } from '@hamok/raft';
import { text } from '../core/grid.js';

/** What differs from one message of a type to another, in one line. */
export function describeMessage(message: Message): string {
  return `${message.type} t${message.term}${[...details(message)].map((part) => ` ${part}`).join('')}`;
}

function* details(message: Message): Iterable<string> {
  switch (message.type) {
    case 'pre-vote-request':
    case 'vote-request':
      yield `last ${message.lastLogIndex}/${message.lastLogTerm}`;
      if (message.type === 'vote-request' && message.transfer) yield 'transfer';
      break;
    case 'pre-vote-response':
    case 'vote-response':
      yield message.granted ? 'granted' : 'refused';
      break;
    case 'append-request':
      yield `after ${message.prevLogIndex}/${message.prevLogTerm}`;
      if (message.entries.length > 0) yield `entries ${message.entries.map(describeEntry).join(' ')}`;
      yield `commit ${message.commitIndex}`;
      if (message.round > 0) yield `round ${message.round}`;
      break;
    case 'append-response':
      if (message.success) yield `match ${message.matchIndex}`;
      else yield `rejects ${message.rejectedIndex} hint ${message.hintIndex}/${message.hintTerm}`;
      if (message.round > 0) yield `round ${message.round}`;
      break;
    case 'snapshot-request':
      yield `of ${message.position.index}/${message.position.term} at ${message.offset} '${text(message.data)}'`;
      if (message.done) yield 'last';
      break;
    case 'snapshot-response':
      yield `of ${message.index} wants ${message.offset}`;
      break;
    case 'read-index-request':
      yield `#${message.context}`;
      break;
    case 'read-index-response':
      yield `#${message.context} ${message.index ?? 'refused'}`;
      break;
    case 'timeout-now':
      break;
  }
}

/** index/term, then `·` for the no-op of a term, a configuration, or the command. */
export function describeEntry({ index, term, kind, data, configuration }: Entry): string {
  const content = configuration ? describeConfiguration(configuration) : kind === 'no-op' ? '·' : text(data);
  return `${index}/${term}${content === '' ? '' : `=${content}`}`;
}

export function describeConfiguration({ voters, learners }: Configuration): string {
  return `{${voters.join(',')}${learners.length > 0 ? ` learners ${learners.join(',')}` : ''}}`;
}

export function describeRole({ role, term, leader, self }: RaftCore): string {
  const follows = leader !== undefined && leader !== self ? ` of ${leader}` : '';
  return `${role}${follows} t${term}`;
}

/** The log: `…` for what is compacted, and `|` behind what is committed. */
export function describeLog({ log }: RaftCore): string {
  const parts: string[] = [];
  if (log.firstIndex > 0) parts.push(`… ${log.base.index}/${log.base.term}`);
  if (log.commitIndex === log.base.index) parts.push('|');
  for (let index = log.firstIndex; index <= log.lastIndex; index++) {
    const entry = log.get(index);
    if (entry) parts.push(describeEntry(entry));
    if (index === log.commitIndex) parts.push('|');
  }
  return parts.join(' ');
}

/** What a leader knows of each of the others. */
export function describeProgress({ progress }: RaftCore): string[] {
  return [...progress.values()].map(({ member, state, matchIndex, nextIndex, inflight }) => {
    return `${member}: ${state}, match ${matchIndex}, next ${nextIndex}${inflight > 0 ? `, ${inflight} in flight` : ''}`;
  });
}

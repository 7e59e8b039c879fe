import type { Message } from '@hamok/raft';
import { describeEntries, position } from './entry.js';

/** A message in words. */
export function describeMessage(message: Message): string {
  const { from, to, term } = message;
  switch (message.type) {
    case 'pre-vote-request':
      return `${from} asks ${to} if it would vote for it in t${term}, with a log up to ${lastOf(message)}`;
    case 'pre-vote-response':
      return `${to} hears that ${from} ${message.granted ? 'would' : 'would not'} vote for it (t${term})`;
    case 'vote-request': {
      const why = message.transfer ? ', as the leader wished' : '';
      return `${from} asks ${to} for its vote in t${term}, with a log up to ${lastOf(message)}${why}`;
    }
    case 'vote-response':
      return `${to} ${message.granted ? 'gets' : 'does not get'} the vote of ${from} in t${term}`;
    case 'append-request': {
      const { prevLogIndex, prevLogTerm, entries, commitIndex, round } = message;
      const what = entries.length > 0 ? describeEntries(entries) : 'a heartbeat';
      return `${from} (t${term}) sends ${to} ${what} after ${position(prevLogIndex, prevLogTerm)}, committed ${commitIndex}, round ${round}`;
    }
    case 'append-response': {
      const { success, matchIndex, rejectedIndex, hintIndex, hintTerm, round } = message;
      const outcome = success
        ? `holds all up to ${matchIndex}`
        : `has no match at ${rejectedIndex}, nor beyond ${position(hintIndex, hintTerm)}`;
      return `${to} hears that ${from} (t${term}) ${outcome}, round ${round}`;
    }
    case 'snapshot-request': {
      const { position: at, offset, done } = message;
      return `${from} (t${term}) sends ${to} its snapshot of ${position(at.index, at.term)} from byte ${offset}${done ? ' to the end' : ''}`;
    }
    case 'snapshot-response':
      return `${to} hears that ${from} (t${term}) wants the snapshot of ${message.index} from byte ${message.offset}`;
    case 'read-index-request':
      return `${from} asks ${to} (t${term}) where read #${message.context} has to be`;
    case 'read-index-response':
      return `${to} hears from ${from} (t${term}) that read #${message.context} ${message.index === undefined ? 'is refused' : `is to be at ${message.index}`}`;
    case 'timeout-now':
      return `${from} (t${term}) tells ${to} to stand at once`;
  }
}

function lastOf({ lastLogIndex, lastLogTerm }: { lastLogIndex: number; lastLogTerm: number }): string {
  return position(lastLogIndex, lastLogTerm);
}

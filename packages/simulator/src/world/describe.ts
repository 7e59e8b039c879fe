import type { Configuration, Entry, MemberId, Message, RaftCore } from '@hamok/raft';

/** A message in one line. */
export function describeMessage(message: Message): string {
  return `${message.from} -> ${message.to} ${message.type} t${message.term}${details(message)}`;
}

function details(message: Message): string {
  switch (message.type) {
    case 'append-request': {
      const { prevLogIndex, prevLogTerm, entries, commitIndex, round } = message;
      return ` after ${prevLogIndex}/${prevLogTerm} [${entries.map(describeEntry).join(' ')}] commit ${commitIndex} round ${round}`;
    }
    case 'append-response': {
      const { success, matchIndex, rejectedIndex, hintIndex, hintTerm, round } = message;
      const outcome = success ? `match ${matchIndex}` : `rejects ${rejectedIndex}, hint ${hintIndex}/${hintTerm}`;
      return ` ${outcome} round ${round}`;
    }
    case 'vote-request':
    case 'pre-vote-request':
      return ` last ${message.lastLogIndex}/${message.lastLogTerm}`;
    case 'vote-response':
    case 'pre-vote-response':
      return message.granted ? ' granted' : ' refused';
    case 'snapshot-request':
      return ` of ${message.position.index}/${message.position.term} at ${message.offset}${message.done ? ' last' : ''}`;
    case 'snapshot-response':
      return ` of ${message.index}, wants ${message.offset}`;
    case 'read-index-request':
      return ` #${message.context}`;
    case 'read-index-response':
      return ` #${message.context} ${message.index ?? 'refused'}`;
    case 'timeout-now':
      return '';
  }
}

/** index/term, with what is not a command spelled out. */
export function describeEntry({ index, term, kind, configuration }: Entry): string {
  const suffix = configuration ? `=${describeConfiguration(configuration)}` : kind === 'no-op' ? '·' : '';
  return `${index}/${term}${suffix}`;
}

export function describeConfiguration({ voters, learners }: Configuration): string {
  return `{${voters.join(',')}${learners.length > 0 ? ` +${learners.join(',')}` : ''}}`;
}

/** Who a member is now: role, term, and a strip of its log: `…` compacted, `|` behind what is committed. */
export function describeMember(id: MemberId, core: RaftCore): string {
  const { log, role, term, vote, leader } = core;
  const entries: string[] = [];
  const from = Math.max(log.firstIndex, log.commitIndex - 3);
  for (let index = from; index <= log.lastIndex; index++) {
    const entry = log.get(index);
    if (entry) entries.push(describeEntry(entry));
    if (index === log.commitIndex) entries.push('|');
  }
  const strip = `${from > 0 ? '… ' : ''}${entries.join(' ')}`;
  return `${id} ${role} t${term} vote ${vote ?? '-'} leader ${leader ?? '-'} [${strip}] commit ${log.commitIndex} applied ${log.appliedIndex}`;
}

import type { Message } from '@hamok/raft';
import type { Member } from '../world/member.js';
import { about, type Invariant, Violation } from './invariant.js';

/** What a message promises is durable before it leaves, and a restart finds it again: term, vote and log. */
export function durablePromises(): Invariant {
  const name = 'promises are durable';
  return {
    name,
    source: 'Raft paper, figure 2 (persistent state, "before responding")',
    onSend: about(
      ['vote-request', 'vote-response', 'append-request', 'append-response', 'snapshot-response'],
      (message, sender) => {
        const broken = brokenBy(message, sender);
        if (broken !== undefined) throw new Violation(name, `${sender.id} sent ${message.type}: ${broken}`);
      },
    ),
    onReady({ entries, messagesAfterPersist }, { id, core, disk }) {
      // What is restored takes the place of all that is not committed.
      if (core.isInstalling)
        for (const message of messagesAfterPersist)
          if (message.type === 'append-response' && message.matchIndex > core.log.commitIndex)
            throw new Violation(name, `${id} promises ${message.matchIndex} in the middle of a restoration`);
      const first = entries[0];
      if (first && disk.entries[first.index - (disk.entries[0]?.index ?? 0)] === first)
        throw new Violation(name, `${id} writes ${first.index}/${first.term} once more`);
    },
    onTurn({ id, core, disk }) {
      // A snapshot that is being restored may have taken the place of the log on the disk already.
      if (core.isInstalling) return;
      const { log } = core;
      const term = log.termAt(log.persistedIndex);
      if (log.persistedIndex >= 0 && term !== undefined && !disk.holds(log.persistedIndex, term))
        throw new Violation(name, `${id} believes that ${log.persistedIndex}/${term} is durable`);
    },
    onRestart({ id, core, disk }: Member) {
      const { term, vote } = disk.hardState ?? { term: disk.snapshot.position.term, vote: undefined };
      if (core.term !== term || core.vote !== vote)
        throw new Violation(name, `${id} came back in term ${core.term} with vote ${core.vote}, not ${term}, ${vote}`);
      const end = disk.entries.at(-1) ?? disk.snapshot.position;
      if (core.log.lastIndex !== end.index || core.log.last.term !== end.term)
        throw new Violation(name, `${id} came back with a log up to ${core.log.lastIndex}, not ${end.index}`);
      if (core.log.persistedIndex !== core.log.lastIndex)
        throw new Violation(
          name,
          `${id} came back with ${core.log.lastIndex}, believes ${core.log.persistedIndex} durable`,
        );
    },
  };
}

/**
 * What is not durable though the message relies on it; undefined if all is. Where one sync made a later term durable as well, it was so
 * when it was written.
 */
function brokenBy(message: Message, { disk }: Member): string | undefined {
  const { term = disk.snapshot.position.term, vote } = disk.hardState ?? {};
  switch (message.type) {
    case 'vote-request':
      if (term > message.term) return undefined;
      return term === message.term && vote === message.from ? undefined : `its vote in ${message.term} is not durable`;
    case 'vote-response':
      if (!message.granted) return undefined;
      return term > message.term || vote === message.to ? undefined : `its vote in ${message.term} is not durable`;
    case 'append-request':
      return term >= message.term ? undefined : `its term ${message.term} is not durable`;
    case 'append-response': {
      if (term > message.term) return undefined;
      if (term < message.term) return `its term ${message.term} is not durable`;
      const last = disk.entries.at(-1)?.index ?? disk.snapshot.position.index;
      return message.matchIndex <= last ? undefined : `${message.matchIndex} is not durable`;
    }
    case 'snapshot-response':
      return term >= message.term ? undefined : `its term ${message.term} is not durable`;
    default:
      return undefined;
  }
}

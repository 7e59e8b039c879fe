import { HamokMessage, MessageType } from '@hamok/messages';
import { Violation } from '../../invariants/invariant.js';
import type { GridInvariant } from './grid-invariant.js';

/**
 * What a process asks of the leader has a number that no other process of the same member used: an answer to an earlier one, which may
 * come late, is not taken for an answer to this one.
 */
export function questionNumbers(): GridInvariant {
  const name = 'an answer to its own question';
  /** Who used a number, by the member and what was asked. */
  const askedBy = new Map<string, string>();
  return {
    name,
    source: 'architecture, rule 10; thesis §6.4 (a round that was begun after the read was asked for)',
    onSent(process, bytes) {
      // Without a disk no process comes back as the member that another was.
      if (!process.disk) return;
      const number = numberOf(HamokMessage.fromBinary(bytes));
      if (number === undefined) return;
      const question = `${process.member} ${number}`;
      const first = askedBy.get(question) ?? process.name;
      if (first !== process.name) throw new Violation(name, `${process.name} asks as ${question}, as ${first} did`);
      askedBy.set(question, first);
    },
  };
}

function numberOf({ type, requestId, raftRound }: HamokMessage): string | undefined {
  if (type === MessageType.SUBMIT_MESSAGE_REQUEST) return `submit ${requestId}`;
  return type === MessageType.RAFT_READ_INDEX_REQUEST ? `read ${raftRound}` : undefined;
}

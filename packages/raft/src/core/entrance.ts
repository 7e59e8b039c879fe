import type { AppendRequest, Message } from './message.js';
import type { CoreState } from './state.js';

/**
 * Whether a message can come from a member that keeps the rules. What cannot is dropped and counted, and never trusted: a peer's
 * defect must not become this member's.
 */
export function isPlausible(state: CoreState, message: Message): boolean {
  if (message.term < 0) return false;
  switch (message.type) {
    case 'append-request':
      return isPlausibleAppend(message);
    case 'append-response':
      // Within its own term a leader never had more than it has.
      return message.term !== state.term || state.role !== 'leader' || message.matchIndex <= state.log.lastIndex;
    case 'snapshot-request':
      return message.position.term <= message.term && message.offset >= 0;
    default:
      return true;
  }
}

/** Entries follow their position one by one, and terms never go back nor beyond the sender's. */
function isPlausibleAppend({ prevLogIndex, prevLogTerm, term, entries }: AppendRequest): boolean {
  let index = prevLogIndex;
  let lastTerm = prevLogTerm;
  for (const entry of entries) {
    if (entry.index !== ++index || entry.term < lastTerm || entry.term > term) return false;
    lastTerm = entry.term;
  }
  return lastTerm <= term;
}

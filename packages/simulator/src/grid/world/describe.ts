import { HamokMessage, MessageType } from '@hamok/messages';
import { describeMember } from '../../report/member.js';
import type { Process } from './process.js';

/** A frame in one line: its type, and what it says of logs and terms. */
export function describeFrame(frame: Uint8Array): string {
  const message = HamokMessage.fromBinary(frame);
  const details = numbers
    .flatMap(([name, field]) => (message[field] === undefined ? [] : `${name} ${message[field]}`))
    .join(' ');
  const entries = message.entries.length > 0 ? ` ${message.entries.length} entries` : '';
  return `${MessageType[message.type ?? -1] ?? 'without a type'} ${details}${entries}`;
}

const numbers = [
  ['term', 'raftTerm'],
  ['after', 'raftPrevLogIndex'],
  ['commit', 'raftCommitIndex'],
  ['round', 'raftRound'],
  ['success', 'success'],
] as const;

/** Who a process is now, and where its log stands. */
export function describeProcess({ name, status, core, gridId, hasJoined }: Process): string {
  const state = core ? describeMember(core.self, core) : 'in no grid';
  return `${name} ${status === 'running' ? '' : `${status} `}${hasJoined ? '' : 'not joined '}${gridId ?? ''} ${state}`;
}

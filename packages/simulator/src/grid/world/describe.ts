import { HamokMessage, MessageType } from '@hamok/messages';
import { position } from '../../report/entry.js';
import type { Process } from './process.js';

const mostCharacters = 40;

/** A frame in one line: its type, what it says of logs and terms, and what it carries. */
export function describeFrame(frame: Uint8Array): string {
  const message = HamokMessage.fromBinary(frame);
  const isHeartbeat = message.type === MessageType.RAFT_APPEND_ENTRIES_REQUEST_CHUNK && message.entries.length === 0;
  const details = fields.flatMap(([name, field]) => (message[field] === undefined ? [] : `${name} ${message[field]}`));
  return [isHeartbeat ? 'heartbeat' : typeOf(message), ...details, ...carried(message)].join(' ');
}

const fields = [
  ['term', 'raftTerm'],
  ['after', 'raftPrevLogIndex'],
  ['next', 'raftPeerNextIndex'],
  ['commit', 'raftCommitIndex'],
  ['round', 'raftRound'],
  ['success', 'success'],
  ['code', 'errorCode'],
  ['request', 'requestId'],
] as const;

function typeOf({ type }: HamokMessage): string {
  const name = MessageType[type ?? -1] ?? 'without a type';
  return name
    .replace(/^RAFT_|_CHUNK$/g, '')
    .toLowerCase()
    .replaceAll('_', ' ');
}

/** Entries of a log by their positions, and proposals, which have none yet, in words. */
function carried({ entries, entryTerms, raftPrevLogIndex }: HamokMessage): string[] {
  if (entryTerms.length === 0) return entries.map(describeCommand);
  const first = (raftPrevLogIndex ?? -1) + 1;
  // Where a term ends.
  const lasts = entryTerms.flatMap((term, i) => (term === entryTerms[i + 1] ? [] : [i]));
  return lasts.map((last, run) => {
    const from = run === 0 ? 0 : (lasts[run - 1] ?? 0) + 1;
    const end = position(first + last, entryTerms[last] ?? 0);
    return from < last ? `${first + from}..${end}` : end;
  });
}

/** Who it is from, with its number in the session, and what it asks of which collection. */
export function describeCommand(command: Uint8Array): string {
  const message = HamokMessage.fromBinary(command);
  const { sourceId, sessionSequence, storageId, keys, values, tickets, prevValue } = message;
  const words = [
    storageId,
    typeOf(message).replace(/ request$/, ''),
    ...[...keys, ...values].map(textOf),
    ...tickets,
    ...(prevValue ? [`if ${textOf(prevValue)}`] : []),
    ...commandFields.flatMap(([name, field]) => (message[field] === undefined ? [] : `${name} ${message[field]}`)),
  ];
  return `{${sourceId ?? ''}:${sessionSequence ?? ''} ${words.filter((word) => word !== undefined).join(' ')}}`;
}

const commandFields = [
  ['revision', 'revision'],
  ['ttl', 'ttlInMs'],
  ['lease', 'leaseInMs'],
  ['delay', 'delayInMs'],
  ['dedup', 'dedupId'],
] as const;

function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return /^[ -~]*$/.test(text) ? text.slice(0, mostCharacters) : `${bytes.length} bytes`;
}

/** Who a process is now. Where its log stands, the strips show. */
export function describeProcess({ name, status, member, gridId, hasJoined }: Process): string {
  if (!member) return `  ${name} ${status}, in no grid`;
  const grid = gridId === undefined ? 'no grid yet' : `grid ${gridId}`;
  return `  ${name} ${status}, is ${member} of ${grid}${hasJoined ? '' : ', not joined'}`;
}

/** With the end of each incarnation, which is enough to tell them apart. */
export function abbreviated(text: string): string {
  return text.replace(/@\d+(\d{6})\b/g, '@$1');
}

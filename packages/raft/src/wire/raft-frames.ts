import { HamokMessage, MessageProtocol, MessageType } from '@hamok/messages';
import type { Entry } from '../core/entry.js';
import type { AppendRequest, Message } from '../core/message.js';
import { BadFrameError } from '../errors.js';
import { idOf, incarnationOf, type MemberId, memberId } from '../identity/member-id.js';
import { readConfiguration, readEntry, writeConfiguration } from './entries.js';

/** A Raft message as a frame of one grid, between two incarnations. */
export function encodeRaftMessage(message: Message, gridId: string): Uint8Array {
  const frame = new HamokMessage();
  frame.protocol = MessageProtocol.RAFT_COMMUNICATION_PROTOCOL;
  frame.gridId = gridId;
  frame.sourceId = idOf(message.from);
  frame.sourceIncarnation = incarnationOf(message.from);
  frame.destinationId = idOf(message.to);
  frame.destinationIncarnation = incarnationOf(message.to);
  frame.raftTerm = message.term;
  fill(frame, message);
  return frame.toBinary();
}

function fill(frame: HamokMessage, message: Message): void {
  switch (message.type) {
    case 'pre-vote-request':
    case 'vote-request':
      frame.type = message.type === 'vote-request' ? MessageType.RAFT_VOTE_REQUEST : MessageType.RAFT_PRE_VOTE_REQUEST;
      frame.raftCandidateId = frame.sourceId;
      frame.raftPrevLogIndex = message.lastLogIndex;
      frame.raftPrevLogTerm = message.lastLogTerm;
      if (message.type === 'vote-request' && message.transfer) frame.raftTransfer = true;
      return;
    case 'pre-vote-response':
    case 'vote-response':
      frame.type =
        message.type === 'vote-response' ? MessageType.RAFT_VOTE_RESPONSE : MessageType.RAFT_PRE_VOTE_RESPONSE;
      frame.success = message.granted;
      return;
    case 'append-request':
      return fillAppend(frame, message);
    case 'append-response':
      frame.type = MessageType.RAFT_APPEND_ENTRIES_RESPONSE;
      frame.success = message.success;
      frame.raftRound = message.round;
      if (message.success) {
        frame.raftPeerNextIndex = message.matchIndex + 1;
      } else {
        frame.raftPrevLogIndex = message.rejectedIndex;
        frame.raftPeerNextIndex = message.hintIndex + 1;
        frame.raftPrevLogTerm = message.hintTerm;
      }
      return;
    case 'snapshot-request':
      frame.type = MessageType.RAFT_SNAPSHOT_REQUEST_CHUNK;
      frame.raftSnapshotIndex = message.position.index;
      frame.raftSnapshotTerm = message.position.term;
      frame.raftSnapshotTime = message.position.time;
      writeConfiguration(frame, message.configuration);
      frame.offset = message.offset;
      frame.snapshot = message.data;
      frame.lastMessage = message.done;
      return;
    case 'snapshot-response':
      frame.type = MessageType.RAFT_SNAPSHOT_RESPONSE;
      frame.raftSnapshotIndex = message.index;
      frame.offset = message.offset;
      return;
    case 'read-index-request':
      frame.type = MessageType.RAFT_READ_INDEX_REQUEST;
      frame.raftRound = message.context;
      return;
    case 'read-index-response':
      frame.type = MessageType.RAFT_READ_INDEX_RESPONSE;
      frame.raftRound = message.context;
      frame.success = message.index !== undefined;
      frame.raftCommitIndex = message.index;
      return;
    case 'timeout-now':
      frame.type = MessageType.RAFT_TIMEOUT_NOW;
  }
}

function fillAppend(frame: HamokMessage, message: AppendRequest): void {
  frame.type = MessageType.RAFT_APPEND_ENTRIES_REQUEST_CHUNK;
  frame.raftLeaderId = frame.sourceId;
  frame.raftPrevLogIndex = message.prevLogIndex;
  frame.raftPrevLogTerm = message.prevLogTerm;
  frame.raftCommitIndex = message.commitIndex;
  frame.raftRound = message.round;
  if (message.entries.length === 0) return;
  frame.entries = message.entries.map(({ data }) => data);
  frame.entryTerms = message.entries.map(({ term }) => term);
  frame.entryTimes = message.entries.map(({ time }) => time);
}

/**
 * The message of a frame whose grid and addressee were checked; undefined where its type is not one of Raft's.
 * @throws {BadFrameError} where something is missing or out of bounds.
 */
export function decodeRaftMessage(frame: HamokMessage, to: MemberId): Message | undefined {
  const from = memberId(required(frame.sourceId, 'sourceId'), required(frame.sourceIncarnation, 'sourceIncarnation'));
  const term = natural(frame.raftTerm, 'raftTerm');
  switch (frame.type) {
    case MessageType.RAFT_PRE_VOTE_REQUEST:
      return { type: 'pre-vote-request', from, to, term, ...lastLog(frame) };
    case MessageType.RAFT_PRE_VOTE_RESPONSE:
      return { type: 'pre-vote-response', from, to, term, granted: frame.success === true };
    case MessageType.RAFT_VOTE_REQUEST:
      return { type: 'vote-request', from, to, term, ...lastLog(frame), transfer: frame.raftTransfer === true };
    case MessageType.RAFT_VOTE_RESPONSE:
      return { type: 'vote-response', from, to, term, granted: frame.success === true };
    case MessageType.RAFT_APPEND_ENTRIES_REQUEST_CHUNK:
      return decodeAppend(frame, from, to, term);
    case MessageType.RAFT_APPEND_ENTRIES_RESPONSE:
      return decodeAppendResponse(frame, from, to, term);
    case MessageType.RAFT_SNAPSHOT_REQUEST_CHUNK:
      return {
        type: 'snapshot-request',
        from,
        to,
        term,
        position: {
          index: natural(frame.raftSnapshotIndex, 'raftSnapshotIndex'),
          term: natural(frame.raftSnapshotTerm, 'raftSnapshotTerm'),
          time: natural(frame.raftSnapshotTime, 'raftSnapshotTime'),
        },
        configuration: readConfiguration(frame),
        offset: natural(frame.offset, 'offset'),
        data: new Uint8Array(required(frame.snapshot, 'snapshot')),
        done: frame.lastMessage === true,
      };
    case MessageType.RAFT_SNAPSHOT_RESPONSE: {
      const index = natural(frame.raftSnapshotIndex, 'raftSnapshotIndex');
      return { type: 'snapshot-response', from, to, term, index, offset: natural(frame.offset, 'offset') };
    }
    case MessageType.RAFT_READ_INDEX_REQUEST:
      return { type: 'read-index-request', from, to, term, context: natural(frame.raftRound, 'raftRound') };
    case MessageType.RAFT_READ_INDEX_RESPONSE: {
      const index = frame.success === true ? indexOf(frame.raftCommitIndex, 'raftCommitIndex') : undefined;
      return { type: 'read-index-response', from, to, term, context: natural(frame.raftRound, 'raftRound'), index };
    }
    case MessageType.RAFT_TIMEOUT_NOW:
      return { type: 'timeout-now', from, to, term };
    default:
      return undefined;
  }
}

function lastLog(frame: HamokMessage): { lastLogIndex: number; lastLogTerm: number } {
  return {
    lastLogIndex: indexOf(frame.raftPrevLogIndex, 'raftPrevLogIndex'),
    lastLogTerm: natural(frame.raftPrevLogTerm, 'raftPrevLogTerm'),
  };
}

function decodeAppend(frame: HamokMessage, from: MemberId, to: MemberId, term: number): AppendRequest {
  const prevLogIndex = indexOf(frame.raftPrevLogIndex, 'raftPrevLogIndex');
  const prevLogTerm = natural(frame.raftPrevLogTerm, 'raftPrevLogTerm');
  const commitIndex = indexOf(frame.raftCommitIndex, 'raftCommitIndex');
  const round = natural(frame.raftRound, 'raftRound');
  const entries = decodeEntries(frame, prevLogIndex, prevLogTerm, term);
  return { type: 'append-request', from, to, term, prevLogIndex, prevLogTerm, entries, commitIndex, round };
}

function decodeEntries(frame: HamokMessage, prevLogIndex: number, prevLogTerm: number, term: number): Entry[] {
  const { entries: encoded, entryTerms, entryTimes } = frame;
  if (encoded.length !== entryTerms.length || encoded.length !== entryTimes.length) {
    throw new BadFrameError(`${encoded.length} entries with ${entryTerms.length} terms and ${entryTimes.length} times`);
  }
  if (!Number.isSafeInteger(prevLogIndex + encoded.length)) throw new BadFrameError('entries beyond the last index');
  const entries: Entry[] = new Array(encoded.length);
  let lastTerm = prevLogTerm;
  let lastTime = 0;
  for (let i = 0; i < encoded.length; i++) {
    const entryTerm = natural(entryTerms[i], 'entryTerms');
    const entryTime = natural(entryTimes[i], 'entryTimes');
    if (entryTerm < lastTerm || entryTerm > term) throw new BadFrameError('terms of entries out of order');
    if (entryTime < lastTime) throw new BadFrameError('times of entries out of order');
    lastTerm = entryTerm;
    lastTime = entryTime;
    entries[i] = readEntry(prevLogIndex + 1 + i, entryTerm, entryTime, required(encoded[i], 'embeddedMessages'));
  }
  return entries;
}

function decodeAppendResponse(frame: HamokMessage, from: MemberId, to: MemberId, term: number): Message {
  const success = frame.success === true;
  const next = natural(frame.raftPeerNextIndex, 'raftPeerNextIndex');
  return {
    type: 'append-response',
    from,
    to,
    term,
    success,
    matchIndex: success ? next - 1 : -1,
    rejectedIndex: success ? -1 : indexOf(frame.raftPrevLogIndex, 'raftPrevLogIndex'),
    hintIndex: success ? -1 : next - 1,
    hintTerm: success ? 0 : natural(frame.raftPrevLogTerm, 'raftPrevLogTerm'),
    round: indexOf(frame.raftRound, 'raftRound'),
  };
}

function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new BadFrameError(`${field} is missing`);
  return value;
}

function natural(value: number | undefined, field: string): number {
  if (value === undefined || value < 0) throw new BadFrameError(`${field} is ${value ?? 'missing'}`);
  return value;
}

/** -1 stands for none. */
function indexOf(value: number | undefined, field: string): number {
  if (value === undefined || value < -1) throw new BadFrameError(`${field} is ${value ?? 'missing'}`);
  return value;
}

import { HamokMessage, MessageProtocol, MessageType, StorageKind } from '../dist/index.js';

const id = (letter) => `${letter.repeat(8)}-1111-4222-8333-${letter.repeat(12)}`;
const filled = (size, byte) => new Uint8Array(size).fill(byte);

/** A command of a map as a member submits it: 466 bytes. Its request id is another one each time. */
const mapSet = (requestId) =>
  new HamokMessage({
    protocol: MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL,
    type: MessageType.UPDATE_ENTRIES_REQUEST,
    sourceId: id('a'),
    storageId: 'sessions',
    requestId,
    keys: [filled(36, 0x6b)],
    values: [filled(309, 0x76)],
    sourceIncarnation: 1_750_000_000_000_123,
    sessionSequence: 123_456,
    sessionAcknowledged: 123_400,
    commandVersion: 1,
    storageKind: StorageKind.MAP,
  });

const small = new HamokMessage({
  protocol: MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL,
  type: MessageType.UPDATE_ENTRIES_REQUEST,
  sourceId: id('a'),
  storageId: 'sessions',
  keys: [filled(12, 0x6b)],
  values: [filled(40, 0x76)],
  sessionSequence: 123_456,
  commandVersion: 1,
}).toBinary();

const appendRequest = (entries) =>
  new HamokMessage({
    protocol: MessageProtocol.RAFT_COMMUNICATION_PROTOCOL,
    type: MessageType.RAFT_APPEND_ENTRIES_REQUEST_CHUNK,
    sourceId: id('a'),
    destinationId: id('b'),
    entries: Array.from({ length: entries }, () => small),
    raftLeaderId: id('a'),
    raftCommitIndex: 1_234_560,
    raftPrevLogTerm: 7,
    raftPrevLogIndex: 1_234_566,
    raftTerm: 7,
    entryTerms: Array.from({ length: entries }, () => 7),
    entryTimes: Array.from({ length: entries }, (_, at) => 1_750_000_000_000 + at),
    gridId: id('c'),
    sourceIncarnation: 1_750_000_000_000_123,
    destinationIncarnation: 1_750_000_000_000_456,
    raftRound: 99_999,
  });

const appendResponse = new HamokMessage({
  protocol: MessageProtocol.RAFT_COMMUNICATION_PROTOCOL,
  type: MessageType.RAFT_APPEND_ENTRIES_RESPONSE,
  sourceId: id('b'),
  destinationId: id('a'),
  success: true,
  raftTerm: 7,
  raftPeerNextIndex: 1_234_567,
  gridId: id('c'),
  sourceIncarnation: 1_750_000_000_000_456,
  destinationIncarnation: 1_750_000_000_000_123,
  raftRound: 99_999,
});

/** By name, the messages to go through in turn. */
export const hotMessages = {
  'append request, 1 entry': [appendRequest(1)],
  'append request, 64 entries': [appendRequest(64)],
  'append response': [appendResponse],
  'map set command': Array.from({ length: 2048 }, () => mapSet(crypto.randomUUID())),
};

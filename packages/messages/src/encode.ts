import type { HamokMessage } from './hamok-message.js';
import { INT32_MIN, NONE } from './int64-range.js';
import { WireWriter } from './wire-writer.js';

const writer = new WireWriter();

/** Writes the fields that are set in ascending order, then those that the schema does not know. */
export function encode(message: HamokMessage): Uint8Array {
  // First of all, for embedded messages that were decoded are encoded here, with the same writer.
  const entries = message.entries;
  writer.begin();
  if (message.protocol !== undefined) writer.int32(1, message.protocol);
  if (message.type !== undefined) writer.int32(2, message.type);
  if (message.sourceId !== undefined) writer.string(3, message.sourceId);
  if (message.destinationId !== undefined) writer.string(4, message.destinationId);
  if (message.storageId !== undefined) writer.string(5, message.storageId);
  if (message.requestId !== undefined) writer.string(6, message.requestId);
  if (message.timestamp !== undefined) writer.uint64(7, message.timestamp);
  if (message.storageSize !== undefined) writer.int32(8, message.storageSize);
  for (const key of message.keys) writer.bytes(10, key);
  for (const value of message.values) writer.bytes(11, value);
  for (const id of message.activeEndpointIds) writer.string(12, id);
  for (const entry of entries) writer.bytes(13, entry);
  if (message.success !== undefined) writer.bool(14, message.success);
  if (message.executeSync !== undefined) writer.bool(15, message.executeSync);
  if (message.raftLeaderId !== undefined) writer.string(16, message.raftLeaderId);
  if (message.raftNumberOfLogs !== undefined) writer.int53(17, message.raftNumberOfLogs, INT32_MIN);
  if (message.raftLastAppliedIndex !== undefined) writer.int53(18, message.raftLastAppliedIndex, INT32_MIN);
  if (message.raftCommitIndex !== undefined) writer.int53(19, message.raftCommitIndex, INT32_MIN);
  if (message.raftLeaderNextIndex !== undefined) writer.int53(20, message.raftLeaderNextIndex, INT32_MIN);
  if (message.raftPrevLogTerm !== undefined) writer.int53(21, message.raftPrevLogTerm, INT32_MIN);
  if (message.raftPrevLogIndex !== undefined) writer.int53(22, message.raftPrevLogIndex, INT32_MIN);
  if (message.raftTerm !== undefined) writer.int53(23, message.raftTerm, INT32_MIN);
  if (message.raftPeerNextIndex !== undefined) writer.int53(24, message.raftPeerNextIndex, INT32_MIN);
  if (message.raftCandidateId !== undefined) writer.string(25, message.raftCandidateId);
  if (message.sequence !== undefined) writer.int32(26, message.sequence);
  if (message.lastMessage !== undefined) writer.bool(27, message.lastMessage);
  if (message.prevValue !== undefined) writer.bytes(28, message.prevValue);
  if (message.snapshot !== undefined) writer.bytes(29, message.snapshot);
  writer.packedInt53(30, message.entryTerms, NONE);
  writer.packedInt53(31, message.entryTimes, NONE);
  if (message.gridName !== undefined) writer.string(32, message.gridName);
  if (message.gridId !== undefined) writer.string(33, message.gridId);
  if (message.sourceIncarnation !== undefined) writer.int53(34, message.sourceIncarnation, NONE);
  if (message.destinationIncarnation !== undefined) writer.int53(35, message.destinationIncarnation, NONE);
  if (message.raftRound !== undefined) writer.int53(36, message.raftRound, NONE);
  if (message.raftTransfer !== undefined) writer.bool(37, message.raftTransfer);
  for (const voter of message.voters) writer.string(38, voter);
  for (const learner of message.learners) writer.string(39, learner);
  if (message.expectedPeers !== undefined) writer.int32(40, message.expectedPeers);
  if (message.raftSnapshotIndex !== undefined) writer.int53(41, message.raftSnapshotIndex, NONE);
  if (message.raftSnapshotTerm !== undefined) writer.int53(42, message.raftSnapshotTerm, NONE);
  if (message.raftSnapshotTime !== undefined) writer.int53(43, message.raftSnapshotTime, NONE);
  if (message.offset !== undefined) writer.int53(44, message.offset, NONE);
  if (message.errorCode !== undefined) writer.string(45, message.errorCode);
  if (message.sessionSequence !== undefined) writer.int53(46, message.sessionSequence, NONE);
  if (message.sessionAcknowledged !== undefined) writer.int53(47, message.sessionAcknowledged, NONE);
  if (message.commandVersion !== undefined) writer.int32(48, message.commandVersion);
  if (message.storageKind !== undefined) writer.int32(49, message.storageKind);
  if (message.ttlInMs !== undefined) writer.int53(50, message.ttlInMs, NONE);
  if (message.revision !== undefined) writer.int53(51, message.revision, NONE);
  if (message.expectedEntries !== undefined) writer.int32(60, message.expectedEntries);
  if (message.unknownFields !== undefined) for (const field of message.unknownFields) writer.raw(field);
  return writer.finish();
}

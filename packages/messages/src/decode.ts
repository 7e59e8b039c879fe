import { BadMessageError } from './errors.js';
import { fieldWireTypes, NO_FIELD } from './field-wire-types.js';
import type { HamokMessage } from './hamok-message.js';
import { INT32_MIN, NONE } from './int64-range.js';
import { WireReader } from './wire-reader.js';
import { WireType } from './wire-type.js';

/** Fills an empty message. */
export function decodeInto(message: HamokMessage, bytes: Uint8Array): void {
  const reader = new WireReader(bytes);
  const entries: Uint8Array[] = [];
  while (reader.pos < reader.end) {
    const start = reader.pos;
    const tag = reader.tag();
    const number = tag >>> 3;
    const wireType = tag & 7;
    const expected = fieldWireTypes[number] ?? NO_FIELD;
    if (wireType !== expected && expected !== NO_FIELD && !isUnpacked(number, wireType)) {
      throw new BadMessageError(`field ${number} has wire type ${wireType}`);
    }
    // By number alone, which are dense: a switch over whole tags is not made into a table, and is slower by half.
    switch (number) {
      case 1:
        message.protocol = reader.int32();
        break;
      case 2:
        message.type = reader.int32();
        break;
      case 3:
        message.sourceId = reader.string();
        break;
      case 4:
        message.destinationId = reader.string();
        break;
      case 5:
        message.storageId = reader.string();
        break;
      case 6:
        message.requestId = reader.string();
        break;
      case 7:
        message.timestamp = reader.uint64();
        break;
      case 8:
        message.storageSize = reader.int32();
        break;
      case 10:
        message.keys.push(reader.bytesView());
        break;
      case 11:
        message.values.push(reader.bytesView());
        break;
      case 12:
        message.activeEndpointIds.push(reader.string());
        break;
      case 13:
        entries.push(reader.bytesView());
        break;
      case 14:
        message.success = reader.bool();
        break;
      case 15:
        message.executeSync = reader.bool();
        break;
      case 16:
        message.raftLeaderId = reader.string();
        break;
      case 17:
        message.raftNumberOfLogs = reader.int53(INT32_MIN);
        break;
      case 18:
        message.raftLastAppliedIndex = reader.int53(INT32_MIN);
        break;
      case 19:
        message.raftCommitIndex = reader.int53(INT32_MIN);
        break;
      case 20:
        message.raftLeaderNextIndex = reader.int53(INT32_MIN);
        break;
      case 21:
        message.raftPrevLogTerm = reader.int53(INT32_MIN);
        break;
      case 22:
        message.raftPrevLogIndex = reader.int53(INT32_MIN);
        break;
      case 23:
        message.raftTerm = reader.int53(INT32_MIN);
        break;
      case 24:
        message.raftPeerNextIndex = reader.int53(INT32_MIN);
        break;
      case 25:
        message.raftCandidateId = reader.string();
        break;
      case 26:
        message.sequence = reader.int32();
        break;
      case 27:
        message.lastMessage = reader.bool();
        break;
      case 28:
        message.prevValue = reader.bytesView();
        break;
      case 29:
        message.snapshot = reader.bytesView();
        break;
      case 30:
        readIntegers(reader, wireType, message.entryTerms);
        break;
      case 31:
        readIntegers(reader, wireType, message.entryTimes);
        break;
      case 32:
        message.gridName = reader.string();
        break;
      case 33:
        message.gridId = reader.string();
        break;
      case 34:
        message.sourceIncarnation = reader.int53(NONE);
        break;
      case 35:
        message.destinationIncarnation = reader.int53(NONE);
        break;
      case 36:
        message.raftRound = reader.int53(NONE);
        break;
      case 37:
        message.raftTransfer = reader.bool();
        break;
      case 38:
        message.voters.push(reader.string());
        break;
      case 39:
        message.learners.push(reader.string());
        break;
      case 40:
        message.expectedPeers = reader.int32();
        break;
      case 41:
        message.raftSnapshotIndex = reader.int53(NONE);
        break;
      case 42:
        message.raftSnapshotTerm = reader.int53(NONE);
        break;
      case 43:
        message.raftSnapshotTime = reader.int53(NONE);
        break;
      case 44:
        message.offset = reader.int53(NONE);
        break;
      case 45:
        message.errorCode = reader.string();
        break;
      case 46:
        message.sessionSequence = reader.int53(NONE);
        break;
      case 47:
        message.sessionAcknowledged = reader.int53(NONE);
        break;
      case 48:
        message.commandVersion = reader.int32();
        break;
      case 49:
        message.storageKind = reader.int32();
        break;
      case 50:
        message.ttlInMs = reader.int53(NONE);
        break;
      case 51:
        message.revision = reader.int53(NONE);
        break;
      case 55:
        message.leaseInMs = reader.int53(NONE);
        break;
      case 56:
        message.delayInMs = reader.int53(NONE);
        break;
      case 57:
        message.dedupId = reader.string();
        break;
      case 58:
        message.maxDeliveries = reader.int32();
        break;
      case 59:
        readIntegers(reader, wireType, message.tickets);
        break;
      case 60:
        message.expectedEntries = reader.int32();
        break;
      case 61:
        message.storageEpoch = reader.int53(NONE);
        break;
      case 62:
        message.sourceSince = reader.int53(NONE);
        break;
      case 63:
        message.destinationSince = reader.int53(NONE);
        break;
      case 64:
        readIntegers(reader, wireType, message.outcomes);
        break;
      case 65:
        message.backups = reader.int32();
        break;
      case 66:
        message.mostVoters = reader.int32();
        break;
      default:
        reader.skip(tag);
        message.unknownFields ??= [];
        message.unknownFields.push(reader.view(start, reader.pos));
    }
  }
  message.entries = entries;
}

/** Repeated integers are written packed; a decoder takes them one by one as well. */
function isUnpacked(number: number, wireType: number): boolean {
  return wireType === WireType.Varint && (number === 30 || number === 31 || number === 59 || number === 64);
}

function readIntegers(reader: WireReader, wireType: number, values: number[]): void {
  if (wireType === WireType.Varint) {
    values.push(reader.int53(NONE));
    return;
  }
  const end = reader.lengthDelimitedEnd();
  while (reader.pos < end) values.push(reader.int53(NONE));
  if (reader.pos !== end) throw new BadMessageError('packed values end within a value');
}

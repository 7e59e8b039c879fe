import { BadMessageError } from './errors.js';
import type { HamokMessage } from './hamok-message.js';
import { INT32_MIN, NONE } from './int64-range.js';
import { WireReader } from './wire-reader.js';

/** The numbers below this, but for 9, are fields of the schema. */
const FIELD_NUMBERS_END = 52;

/** Fills an empty message. Each case is the whole tag: `number << 3 | wireType`. */
export function decodeInto(message: HamokMessage, bytes: Uint8Array): void {
  const reader = new WireReader(bytes);
  const entries: Uint8Array[] = [];
  while (reader.pos < reader.end) {
    const start = reader.pos;
    const tag = reader.tag();
    switch (tag) {
      case 8:
        message.protocol = reader.int32();
        break;
      case 16:
        message.type = reader.int32();
        break;
      case 26:
        message.sourceId = reader.string();
        break;
      case 34:
        message.destinationId = reader.string();
        break;
      case 42:
        message.storageId = reader.string();
        break;
      case 50:
        message.requestId = reader.string();
        break;
      case 56:
        message.timestamp = reader.uint64();
        break;
      case 64:
        message.storageSize = reader.int32();
        break;
      case 82:
        message.keys.push(reader.bytesView());
        break;
      case 90:
        message.values.push(reader.bytesView());
        break;
      case 98:
        message.activeEndpointIds.push(reader.string());
        break;
      case 106:
        entries.push(reader.bytesView());
        break;
      case 112:
        message.success = reader.bool();
        break;
      case 120:
        message.executeSync = reader.bool();
        break;
      case 130:
        message.raftLeaderId = reader.string();
        break;
      case 136:
        message.raftNumberOfLogs = reader.int53(INT32_MIN);
        break;
      case 144:
        message.raftLastAppliedIndex = reader.int53(INT32_MIN);
        break;
      case 152:
        message.raftCommitIndex = reader.int53(INT32_MIN);
        break;
      case 160:
        message.raftLeaderNextIndex = reader.int53(INT32_MIN);
        break;
      case 168:
        message.raftPrevLogTerm = reader.int53(INT32_MIN);
        break;
      case 176:
        message.raftPrevLogIndex = reader.int53(INT32_MIN);
        break;
      case 184:
        message.raftTerm = reader.int53(INT32_MIN);
        break;
      case 192:
        message.raftPeerNextIndex = reader.int53(INT32_MIN);
        break;
      case 202:
        message.raftCandidateId = reader.string();
        break;
      case 208:
        message.sequence = reader.int32();
        break;
      case 216:
        message.lastMessage = reader.bool();
        break;
      case 226:
        message.prevValue = reader.bytesView();
        break;
      case 234:
        message.snapshot = reader.bytesView();
        break;
      case 242:
        readPacked(reader, message.entryTerms);
        break;
      case 240:
        message.entryTerms.push(reader.int53(NONE));
        break;
      case 250:
        readPacked(reader, message.entryTimes);
        break;
      case 248:
        message.entryTimes.push(reader.int53(NONE));
        break;
      case 258:
        message.gridName = reader.string();
        break;
      case 266:
        message.gridId = reader.string();
        break;
      case 272:
        message.sourceIncarnation = reader.int53(NONE);
        break;
      case 280:
        message.destinationIncarnation = reader.int53(NONE);
        break;
      case 288:
        message.raftRound = reader.int53(NONE);
        break;
      case 296:
        message.raftTransfer = reader.bool();
        break;
      case 306:
        message.voters.push(reader.string());
        break;
      case 314:
        message.learners.push(reader.string());
        break;
      case 320:
        message.expectedPeers = reader.int32();
        break;
      case 328:
        message.raftSnapshotIndex = reader.int53(NONE);
        break;
      case 336:
        message.raftSnapshotTerm = reader.int53(NONE);
        break;
      case 344:
        message.raftSnapshotTime = reader.int53(NONE);
        break;
      case 352:
        message.offset = reader.int53(NONE);
        break;
      case 362:
        message.errorCode = reader.string();
        break;
      case 368:
        message.sessionSequence = reader.int53(NONE);
        break;
      case 376:
        message.sessionAcknowledged = reader.int53(NONE);
        break;
      case 384:
        message.commandVersion = reader.int32();
        break;
      case 392:
        message.storageKind = reader.int32();
        break;
      case 400:
        message.ttlInMs = reader.int53(NONE);
        break;
      case 408:
        message.revision = reader.int53(NONE);
        break;
      default:
        if (tag >>> 3 < FIELD_NUMBERS_END && tag >>> 3 !== 9) {
          throw new BadMessageError(`field ${tag >>> 3} has wire type ${tag & 7}`);
        }
        reader.skip(tag);
        message.unknownFields ??= [];
        message.unknownFields.push(reader.view(start, reader.pos));
    }
  }
  message.entries = entries;
}

function readPacked(reader: WireReader, values: number[]): void {
  const end = reader.lengthDelimitedEnd();
  while (reader.pos < end) values.push(reader.int53(NONE));
  if (reader.pos !== end) throw new BadMessageError('packed values end within a value');
}

import { fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { decodeInto } from './decode.js';
import { encode } from './encode.js';
import type { MessageProtocol, MessageType, StorageKind } from './enums.js';
import { BadMessageError } from './errors.js';
import { HamokMessageSchema } from './gen/io/github/hamok/dev/schema/hamok_message_pb.js';

type FieldOf<T> = { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? never : K }[keyof T];

/** Fields to begin a message with. Those left out are absent, or empty where they repeat. */
export type HamokMessageInit = { [K in FieldOf<HamokMessage>]?: HamokMessage[K] };

/**
 * One message of today's dialect: what members send each other, and what an entry of the log holds.
 *
 * A field is absent while it is `undefined`; one set to 0, `false` or an empty value is present and is written. What each means, the
 * schema says (`proto/io/github/hamok/dev/schema/hamok_message.proto`). Where that says int64, the field is a number up to
 * 2^53 - 1, and from -1 (fields 17 to 24, which were int32 once: from -2^31); where it says int32, it has that range.
 * An enum keeps a number that it has no name for.
 */
export class HamokMessage {
  protocol: MessageProtocol | undefined;
  type: MessageType | undefined;
  sourceId: string | undefined;
  destinationId: string | undefined;
  storageId: string | undefined;
  requestId: string | undefined;
  timestamp: bigint | undefined;
  storageSize: number | undefined;
  keys: Uint8Array[] = [];
  values: Uint8Array[] = [];
  activeEndpointIds: string[] = [];
  success: boolean | undefined;
  executeSync: boolean | undefined;
  raftLeaderId: string | undefined;
  raftNumberOfLogs: number | undefined;
  raftLastAppliedIndex: number | undefined;
  raftCommitIndex: number | undefined;
  raftLeaderNextIndex: number | undefined;
  raftPrevLogTerm: number | undefined;
  raftPrevLogIndex: number | undefined;
  raftTerm: number | undefined;
  raftPeerNextIndex: number | undefined;
  raftCandidateId: string | undefined;
  sequence: number | undefined;
  lastMessage: boolean | undefined;
  prevValue: Uint8Array | undefined;
  snapshot: Uint8Array | undefined;
  entryTerms: number[] = [];
  entryTimes: number[] = [];
  gridName: string | undefined;
  gridId: string | undefined;
  sourceIncarnation: number | undefined;
  destinationIncarnation: number | undefined;
  raftRound: number | undefined;
  raftTransfer: boolean | undefined;
  voters: string[] = [];
  learners: string[] = [];
  expectedPeers: number | undefined;
  raftSnapshotIndex: number | undefined;
  raftSnapshotTerm: number | undefined;
  raftSnapshotTime: number | undefined;
  offset: number | undefined;
  errorCode: string | undefined;
  sessionSequence: number | undefined;
  sessionAcknowledged: number | undefined;
  commandVersion: number | undefined;
  storageKind: StorageKind | undefined;
  ttlInMs: number | undefined;
  revision: number | undefined;
  leaseInMs: number | undefined;
  delayInMs: number | undefined;
  dedupId: string | undefined;
  maxDeliveries: number | undefined;
  tickets: number[] = [];
  expectedEntries: number | undefined;
  storageEpoch: number | undefined;
  sourceSince: number | undefined;
  destinationSince: number | undefined;
  outcomes: number[] = [];
  backups: number | undefined;
  mostVoters: number | undefined;

  /** Fields that the schema does not know, tag and value as they came. They are written last. */
  unknownFields: Uint8Array[] | undefined;

  private encodedEntries: Uint8Array[] = [];
  private decodedEntries: HamokMessage[] | undefined;

  constructor(init?: HamokMessageInit) {
    if (init !== undefined) Object.assign(this, init);
  }

  /**
   * The embedded messages as bytes, which pass through untouched: what hot paths use. Assign a new array to change them. Once
   * `embeddedMessages` was read or set, those are encoded at each reading.
   *
   * @throws BadMessageError when an embedded message holds a value that the wire does not allow
   */
  get entries(): Uint8Array[] {
    return this.decodedEntries === undefined ? this.encodedEntries : this.decodedEntries.map(encode);
  }

  set entries(entries: Uint8Array[]) {
    this.encodedEntries = entries;
    this.decodedEntries = undefined;
  }

  /**
   * The embedded messages, decoded at the first reading. From then on they are what is encoded, with the changes made to them.
   *
   * @throws BadMessageError when the bytes of one are not a message
   */
  get embeddedMessages(): HamokMessage[] {
    if (this.decodedEntries === undefined) {
      this.decodedEntries = this.encodedEntries.map((entry) => HamokMessage.fromBinary(entry));
      this.encodedEntries = [];
    }
    return this.decodedEntries;
  }

  set embeddedMessages(messages: HamokMessage[]) {
    this.decodedEntries = messages;
    this.encodedEntries = [];
  }

  /**
   * Decodes a message. Its byte fields and entries are views of `bytes`: whoever keeps one copies it (`slice()`), or keeps the
   * whole input in memory; whoever changes `bytes` afterwards changes the message. Embedded messages are not looked into yet.
   *
   * @throws BadMessageError when the bytes are not a message
   */
  static fromBinary(bytes: Uint8Array): HamokMessage {
    const message = new HamokMessage();
    decodeInto(message, bytes);
    return message;
  }

  /**
   * Encodes the message, into bytes that are the caller's.
   *
   * @throws BadMessageError when a number is out of its field's range
   */
  toBinary(): Uint8Array {
    return encode(this);
  }

  /**
   * Reads protobuf's JSON form: bytes in base64, 64-bit integers as strings, enums by name. A name it does not know is refused.
   *
   * @throws BadMessageError when the value is not such a form
   */
  static fromJson(json: JsonValue): HamokMessage {
    return orBadMessage(() =>
      HamokMessage.fromBinary(toBinary(HamokMessageSchema, fromJson(HamokMessageSchema, json))),
    );
  }

  /** @throws BadMessageError when the text is not JSON, or not that of a message */
  static fromJsonString(text: string): HamokMessage {
    return HamokMessage.fromJson(orBadMessage(() => JSON.parse(text)));
  }

  /**
   * Protobuf's JSON form, without unknown fields and enum numbers that have no name.
   *
   * @throws BadMessageError when a number is out of its field's range, when an entry is not a message, or when messages are embedded
   * in each other a hundred deep
   */
  toJson(): JsonValue {
    return orBadMessage(() => toJson(HamokMessageSchema, fromBinary(HamokMessageSchema, this.toBinary())));
  }

  toJsonString(): string {
    return JSON.stringify(this.toJson());
  }

  /** What `JSON.stringify` writes for the message: `toJson()`. */
  toJSON(): JsonValue {
    return this.toJson();
  }

  /** Whether both say the same: they encode to the same bytes. */
  equals(other: HamokMessage): boolean {
    const left = this.toBinary();
    const right = other.toBinary();
    return left.length === right.length && left.every((byte, at) => byte === right[at]);
  }

  /** A copy that shares nothing with the message. */
  clone(): HamokMessage {
    return HamokMessage.fromBinary(this.toBinary());
  }
}

function orBadMessage<T>(convert: () => T): T {
  try {
    return convert();
  } catch (cause) {
    if (cause instanceof BadMessageError) throw cause;
    throw new BadMessageError('not a message that has a JSON form', { cause });
  }
}

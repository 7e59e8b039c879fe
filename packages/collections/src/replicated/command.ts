import { HamokMessage, MessageProtocol, MessageType, type StorageKind } from '@hamok/messages';
import type { MemberId } from '../consensus.js';

/** The version of the commands that this release writes, and the highest that it carries out. */
const commandVersion = 1;

/** What a command asks of a storage. */
export interface StorageCommand {
  /** Who sent it. */
  readonly member: MemberId;
  /** From 1, without gaps: together with the member it names the command. */
  readonly sequence: number;
  readonly type: MessageType;
  readonly keys: readonly Uint8Array[];
  readonly values: readonly Uint8Array[];
  readonly prevValue: Uint8Array | undefined;
  /** Time to live of what it writes, in ms of log time. */
  readonly ttlInMs: number | undefined;
  /** The revision that it expects. */
  readonly revision: number | undefined;
  /** How many of its entries, the first ones, say what is expected to be there. */
  readonly expectedEntries: number | undefined;
  /** Queues: for how long an item is held, and for how long it is held back, in ms of log time. */
  readonly leaseInMs: number | undefined;
  readonly delayInMs: number | undefined;
  readonly dedupId: string | undefined;
  readonly maxDeliveries: number | undefined;
  readonly tickets: readonly number[];
  /** Storages whose entries live on members: on how many others each has a copy. */
  readonly backups: number | undefined;
}

export interface LeaderCommandInit {
  readonly leader: MemberId;
  readonly term: number;
  readonly type: MessageType;
  readonly storageId?: string;
  readonly values?: Uint8Array[];
  readonly tickets?: number[];
  readonly dedupId?: string;
}

/** The storage that a command is for. */
export interface StorageTarget {
  readonly id: string;
  readonly kind: number;
}

/** A change, before it has a place in a session. */
export interface CommandInit {
  readonly type: MessageType;
  readonly keys?: Uint8Array[];
  readonly values?: Uint8Array[];
  readonly prevValue?: Uint8Array | undefined;
  readonly ttlInMs?: number | undefined;
  readonly revision?: number | undefined;
  readonly expectedEntries?: number | undefined;
  readonly leaseInMs?: number | undefined;
  readonly delayInMs?: number | undefined;
  readonly dedupId?: string | undefined;
  readonly maxDeliveries?: number | undefined;
  readonly tickets?: number[];
  readonly backups?: number | undefined;
}

/** A command in its place. Its form is right; what it asks for may still be wrong. */
export interface Command extends StorageCommand {
  /** The results up to and including this sequence have been received, and need not be kept. */
  readonly acknowledged: number;
  readonly storageId: string | undefined;
  readonly storageKind: StorageKind | undefined;
}

/** What a leader says as the leader, outside of any session. It is let into the log in its own term only. */
export interface LeaderCommand {
  /** Who sent it, while it led. */
  readonly leader: MemberId;
  readonly term: number;
  /** ADVANCE_TIME lets log time pass: an entry that has a time, and no effect of its own. The others are for a storage. */
  readonly type: MessageType;
  readonly storageId: string | undefined;
  readonly values: readonly Uint8Array[];
  /** Numbers whose meaning is the type's. */
  readonly tickets: readonly number[];
  readonly dedupId: string | undefined;
}

/** A command of a version that this release does not know. */
export interface NewerCommand {
  readonly version: number;
}

const leaderTypes: ReadonlySet<MessageType> = new Set([
  MessageType.ADVANCE_TIME_REQUEST,
  MessageType.REMOTE_MAP_OUTCOMES_REQUEST,
  MessageType.REMOTE_MAP_TAKE_OVER_REQUEST,
]);

/** Filled anew for each command: a message is large, and its bytes are all that is kept of it. */
const draft = new HamokMessage();
const leaderDraft = new HamokMessage();
const none: never[] = [];

export function encodeCommand(
  target: StorageTarget | undefined,
  command: CommandInit,
  sourceId: string,
  sourceIncarnation: number,
  sequence: number,
  acknowledged: number,
): Uint8Array {
  const message = draft;
  message.protocol = MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL;
  message.type = command.type;
  message.sourceId = sourceId;
  message.sourceIncarnation = sourceIncarnation;
  message.sessionSequence = sequence;
  message.sessionAcknowledged = acknowledged;
  message.commandVersion = commandVersion;
  message.storageId = target?.id;
  message.storageKind = target?.kind;
  message.keys = command.keys ?? none;
  message.values = command.values ?? none;
  message.prevValue = command.prevValue;
  message.ttlInMs = command.ttlInMs;
  message.revision = command.revision;
  message.expectedEntries = command.expectedEntries;
  message.leaseInMs = command.leaseInMs;
  message.delayInMs = command.delayInMs;
  message.dedupId = command.dedupId;
  message.maxDeliveries = command.maxDeliveries;
  message.tickets = command.tickets ?? none;
  message.backups = command.backups;
  return message.toBinary();
}

export function encodeLeaderCommand({ leader, term, type, ...command }: LeaderCommandInit): Uint8Array {
  const message = leaderDraft;
  const at = leader.lastIndexOf('@');
  message.protocol = MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL;
  message.type = type;
  message.sourceId = leader.slice(0, at);
  message.sourceIncarnation = Number(leader.slice(at + 1));
  message.raftTerm = term;
  message.commandVersion = commandVersion;
  message.storageId = command.storageId;
  message.values = command.values ?? none;
  message.tickets = command.tickets ?? none;
  message.dedupId = command.dedupId;
  return message.toBinary();
}

/** Undefined for what is not a command, or has no valid place in a session. */
export function decodeCommand(bytes: Uint8Array): Command | LeaderCommand | NewerCommand | undefined {
  const message = decodeMessage(bytes);
  if (message?.protocol !== MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL) return undefined;
  const { type, sourceId, sourceIncarnation, commandVersion: version = 0 } = message;
  const { sessionSequence: sequence, sessionAcknowledged: acknowledged = 0 } = message;
  if (version > commandVersion) return { version };
  if (version < 1 || type === undefined || sourceId === undefined || sourceIncarnation === undefined) return undefined;
  if (leaderTypes.has(type)) {
    const { raftTerm: term = 0, storageId, values, tickets, dedupId } = message;
    return { leader: `${sourceId}@${sourceIncarnation}`, term, type, storageId, values, tickets, dedupId };
  }
  if (sequence === undefined || sequence < 1 || acknowledged < 0 || acknowledged >= sequence) return undefined;
  return {
    member: `${sourceId}@${sourceIncarnation}`,
    sequence,
    acknowledged,
    type,
    storageId: message.storageId,
    storageKind: message.storageKind,
    keys: message.keys,
    values: message.values,
    prevValue: message.prevValue,
    ttlInMs: message.ttlInMs,
    revision: message.revision,
    expectedEntries: message.expectedEntries,
    leaseInMs: message.leaseInMs,
    delayInMs: message.delayInMs,
    dedupId: message.dedupId,
    maxDeliveries: message.maxDeliveries,
    tickets: message.tickets,
    backups: message.backups,
  };
}

export function isFromLeader(command: Command | LeaderCommand): command is LeaderCommand {
  return 'term' in command;
}

export function isNewer(command: Command | LeaderCommand | NewerCommand | undefined): command is NewerCommand {
  return command !== undefined && 'version' in command;
}

function decodeMessage(bytes: Uint8Array): HamokMessage | undefined {
  try {
    return HamokMessage.fromBinary(bytes);
  } catch {
    return undefined;
  }
}

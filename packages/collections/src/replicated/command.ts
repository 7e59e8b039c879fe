import { HamokMessage, MessageProtocol, MessageType, type StorageKind } from '@hamok/messages';
import type { MemberId } from '../consensus.js';

/** The version of the commands that this release writes, and the highest that it carries out. */
export const commandVersion = 1;

/** A change, before it has a place in a session. */
export interface CommandInit {
  readonly type: MessageType;
  readonly storageId?: string;
  readonly storageKind?: StorageKind;
  readonly keys?: Uint8Array[];
  readonly values?: Uint8Array[];
  readonly prevValue?: Uint8Array;
}

/** Where a command stands in its member's session. */
export interface SessionPosition {
  readonly sourceId: string;
  readonly sourceIncarnation: number;
  /** From 1, without gaps. */
  readonly sequence: number;
  /** The results up to and including this sequence have been received, and need not be kept. */
  readonly acknowledged: number;
}

export function encodeCommand(command: CommandInit, position: SessionPosition): Uint8Array {
  const message = new HamokMessage();
  message.protocol = MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL;
  message.type = command.type;
  message.sourceId = position.sourceId;
  message.sourceIncarnation = position.sourceIncarnation;
  message.sessionSequence = position.sequence;
  message.sessionAcknowledged = position.acknowledged;
  message.commandVersion = commandVersion;
  message.storageId = command.storageId;
  message.storageKind = command.storageKind;
  if (command.keys !== undefined) message.keys = command.keys;
  if (command.values !== undefined) message.values = command.values;
  message.prevValue = command.prevValue;
  return message.toBinary();
}

/** A command whose form is right. What it asks for may still be wrong. */
export interface Command {
  readonly member: MemberId;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly message: HamokMessage;
}

/** The version of a command, even of one that this release cannot read further; 0 for what is not a command. */
export function versionOf(message: HamokMessage | undefined): number {
  return message?.protocol === MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL ? (message.commandVersion ?? 0) : 0;
}

export function decodeMessage(bytes: Uint8Array): HamokMessage | undefined {
  try {
    return HamokMessage.fromBinary(bytes);
  } catch {
    return undefined;
  }
}

/** Undefined for what has no valid place in a session. */
export function toCommand(message: HamokMessage): Command | undefined {
  const { sourceId, sourceIncarnation, sessionSequence: sequence, sessionAcknowledged: acknowledged = 0 } = message;
  if (sourceId === undefined || sourceIncarnation === undefined || sequence === undefined) return undefined;
  if (sequence < 1 || acknowledged < 0 || acknowledged >= sequence) return undefined;
  return { member: `${sourceId}@${sourceIncarnation}`, sequence, acknowledged, message };
}

export { MessageType };

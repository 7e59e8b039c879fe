import { HamokMessage, MessageProtocol, MessageType } from '@hamok/messages';
import { type Entry, type MemberId, memberId } from '@hamok/raft';

/** Who sent a command, and as which of its commands. */
export interface Session {
  readonly member: MemberId;
  readonly sequence: number;
}

/** What an entry of the log asks of a collection, with everything in it as text. */
export interface Command {
  readonly type: MessageType;
  /** Undefined for what leaders say. */
  readonly session: Session | undefined;
  readonly storageId: string | undefined;
  readonly storageKind: number | undefined;
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly prevValue: string | undefined;
  readonly tickets: readonly number[];
  readonly revision: number | undefined;
  readonly ttlInMs: number | undefined;
  readonly leaseInMs: number | undefined;
  readonly delayInMs: number | undefined;
  readonly dedupId: string | undefined;
  readonly maxDeliveries: number | undefined;
  readonly expectedEntries: number | undefined;
}

/** Undefined for what collections do not see. */
export function commandOf({ kind, data }: Entry): Command | undefined {
  return kind === 'command' ? commandIn(data) : undefined;
}

export function commandIn(data: Uint8Array): Command | undefined {
  const message = HamokMessage.fromBinary(data);
  const { protocol, type, sourceId = '', sourceIncarnation = 0, sessionSequence: sequence } = message;
  if (protocol !== MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL || type === undefined) return undefined;
  if (type === MessageType.MEMBER_RUN_REQUEST) return undefined;
  const { storageId, storageKind, tickets, revision, ttlInMs, leaseInMs, delayInMs, dedupId } = message;
  const { maxDeliveries, expectedEntries } = message;
  return {
    type,
    session: sequence === undefined ? undefined : { member: memberId(sourceId, sourceIncarnation), sequence },
    storageId,
    storageKind,
    keys: message.keys.map(text),
    values: message.values.map(text),
    prevValue: message.prevValue && text(message.prevValue),
    tickets,
    revision,
    ttlInMs,
    leaseInMs,
    delayInMs,
    dedupId,
    maxDeliveries,
    expectedEntries,
  };
}

/** The process that goes on as a member from this entry on; undefined for any other entry. */
export function runIn({ kind, data }: Entry): { readonly member: MemberId; readonly run: MemberId } | undefined {
  if (kind !== 'command') return undefined;
  const { type, sourceId = '', sourceIncarnation = 0, destinationIncarnation = 0 } = HamokMessage.fromBinary(data);
  if (type !== MessageType.MEMBER_RUN_REQUEST) return undefined;
  return { member: memberId(sourceId, destinationIncarnation), run: memberId(sourceId, sourceIncarnation) };
}

const decoder = new TextDecoder();

function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

import { MessageType } from '@hamok/messages';
import { text } from '../arguments.js';
import { decodeText, encodeText } from '../bytes/utf8.js';
import type { MemberId } from '../consensus.js';
import { BadCommandError } from '../errors.js';
import type { CommandInit } from '../replicated/command.js';
import type { Accepted } from '../storage-client.js';

/** Unsubscribes the sender from everything. */
export const clearCommand: CommandInit = { type: MessageType.CLEAR_ENTRIES_REQUEST };

/** Subscribes a member, or else the sender. */
export function subscription(event: string, metaData: Uint8Array, member?: MemberId): CommandInit {
  return { type: MessageType.INSERT_ENTRIES_REQUEST, keys: place(event, member), values: [metaData] };
}

export function unsubscription(event: string, member?: MemberId): CommandInit {
  return { type: MessageType.REMOVE_ENTRIES_REQUEST, keys: place(event, member) };
}

export function unsubscriptionFromAll(members: readonly MemberId[]): CommandInit {
  return { type: MessageType.DELETE_ENTRIES_REQUEST, keys: members.map(encodeText) };
}

export function metaDataUpdate(
  event: string,
  metaData: Uint8Array,
  expected: Uint8Array | undefined,
  member?: MemberId,
): CommandInit {
  const keys = place(event, member);
  return { type: MessageType.UPDATE_ENTRIES_REQUEST, keys, values: [metaData], prevValue: expected };
}

export function publication(event: string, token: string, payload: Uint8Array): CommandInit {
  return { type: MessageType.PUBLISH_EVENT_REQUEST, keys: [nameOf(event), encodeText(token)], values: [payload] };
}

export interface Publication {
  readonly index: number;
  readonly subscribers: readonly MemberId[];
}

/** What the result of a publication says. */
export function readPublication(result: Accepted): Publication {
  const texts = Array.isArray(result) ? result.map((item) => (item instanceof Uint8Array ? decodeText(item) : '')) : [];
  const [index, ...subscribers] = texts;
  if (index === undefined) throw new BadCommandError('an event was published without a result');
  return { index: Number(index), subscribers };
}

function place(event: string, member: MemberId | undefined): Uint8Array[] {
  return member === undefined ? [nameOf(event)] : [nameOf(event), encodeText(member)];
}

/** @throws OptionError */
function nameOf(event: string): Uint8Array {
  return encodeText(text('event', event));
}

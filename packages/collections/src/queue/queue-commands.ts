import { MessageType } from '@hamok/messages';
import { OptionError } from '../errors.js';
import type { CommandInit } from '../replicated/command.js';
import { defaultDedupRetentionInMs, type PushOptions, wholeMs } from './queue-options.js';

/** @throws OptionError */
export function pushCommand(values: Uint8Array[], options?: PushOptions): CommandInit {
  const { delayInMs, dedupId, dedupRetentionInMs = defaultDedupRetentionInMs } = options ?? {};
  if (dedupId !== undefined && (typeof dedupId !== 'string' || dedupId === ''))
    throw new OptionError('dedupId', 'must be a string that is not empty');
  return {
    type: MessageType.INSERT_ENTRIES_REQUEST,
    values,
    delayInMs: delayInMs === undefined ? undefined : wholeMs('delayInMs', delayInMs, 0),
    dedupId,
    ttlInMs: dedupId === undefined ? undefined : wholeMs('dedupRetentionInMs', dedupRetentionInMs, 1),
  };
}

/** Only carried out while nothing was ever pushed. */
export function firstPushCommand(values: Uint8Array[]): CommandInit {
  return { type: MessageType.INSERT_ENTRIES_REQUEST, values, revision: 0 };
}

export const popCommand: CommandInit = { type: MessageType.REMOVE_ENTRIES_REQUEST };
export const waitToPopCommand: CommandInit = { type: MessageType.QUEUE_WAIT_REQUEST };
export const clearCommand: CommandInit = { type: MessageType.CLEAR_ENTRIES_REQUEST };
export const drainCommand: CommandInit = { type: MessageType.QUEUE_DRAIN_DEAD_LETTERS_REQUEST };

export function takeCommand(waits: boolean, leaseInMs: number, maxDeliveries: number | undefined): CommandInit {
  const type = waits ? MessageType.QUEUE_WAIT_REQUEST : MessageType.QUEUE_TAKE_REQUEST;
  return { type, leaseInMs, maxDeliveries };
}

export function acknowledgeCommand(tickets: number[]): CommandInit {
  return { type: MessageType.QUEUE_ACKNOWLEDGE_REQUEST, tickets };
}

export function returnCommand(ticket: number, delayInMs: number): CommandInit {
  return { type: MessageType.QUEUE_RETURN_REQUEST, tickets: [ticket], delayInMs: wholeMs('delayInMs', delayInMs, 0) };
}

export function cancelCommand(ticket: number): CommandInit {
  return { type: MessageType.QUEUE_CANCEL_REQUEST, tickets: [ticket] };
}

export function extendCommand(ticket: number, leaseInMs: number): CommandInit {
  return { type: MessageType.QUEUE_EXTEND_REQUEST, tickets: [ticket], leaseInMs };
}

export function putBackCommand(value: Uint8Array): CommandInit {
  return { type: MessageType.QUEUE_PUT_BACK_REQUEST, values: [value] };
}

export function replaceCommand(values: Uint8Array[]): CommandInit {
  return { type: MessageType.QUEUE_REPLACE_REQUEST, values };
}

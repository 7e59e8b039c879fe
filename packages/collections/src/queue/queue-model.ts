import { MessageType } from '@hamok/messages';
import type { StorageCommand } from '../replicated/command.js';
import type { StorageModel } from '../replicated/storage-state.js';
import { QueueState } from './queue-state.js';

/** Commands of queues: values where items come in, tickets where it is about what a member holds or waits for. */
export const queueModel: StorageModel = {
  accepts(command) {
    const { type, keys, values, tickets } = command;
    switch (type) {
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return keys.length === 0;
      case MessageType.INSERT_ENTRIES_REQUEST:
        return values.length > 0 && isPush(command);
      case MessageType.QUEUE_TAKE_REQUEST:
        return isFrom(1, command.leaseInMs) && isUnsetOrFrom(1, command.maxDeliveries);
      case MessageType.QUEUE_WAIT_REQUEST:
        return isUnsetOrFrom(1, command.leaseInMs) && isUnsetOrFrom(1, command.maxDeliveries);
      case MessageType.QUEUE_RETURN_REQUEST:
        return tickets.length > 0 && isUnsetOrFrom(0, command.delayInMs);
      case MessageType.QUEUE_EXTEND_REQUEST:
        return tickets.length > 0 && isFrom(1, command.leaseInMs);
      case MessageType.QUEUE_ACKNOWLEDGE_REQUEST:
      case MessageType.QUEUE_CANCEL_REQUEST:
        return tickets.length > 0;
      case MessageType.QUEUE_PUT_BACK_REQUEST:
        return values.length > 0;
      default:
        return withoutConditions.has(type);
    }
  },
  create: () => new QueueState(),
};

const withoutConditions: ReadonlySet<MessageType> = new Set([
  MessageType.CLEAR_ENTRIES_REQUEST,
  MessageType.QUEUE_REPLACE_REQUEST,
  MessageType.QUEUE_DRAIN_DEAD_LETTERS_REQUEST,
]);

function isPush({ delayInMs, dedupId, ttlInMs, revision }: StorageCommand): boolean {
  if (!isUnsetOrFrom(0, delayInMs) || !isUnsetOrFrom(0, revision)) return false;
  return dedupId === undefined ? ttlInMs === undefined : isFrom(1, ttlInMs);
}

function isFrom(least: number, value: number | undefined): boolean {
  return value !== undefined && value >= least;
}

function isUnsetOrFrom(least: number, value: number | undefined): boolean {
  return value === undefined || value >= least;
}

import { type HamokMessageInit, MessageType } from '@hamok/messages';
import type { MemberId } from '../consensus.js';
import type { DirectChannel, DirectMessage } from '../direct-channel.js';

/*
 * What members say about a published event: its token is the `requestId`, its index in the log the `revision`. An answer
 * (UPDATE_ENTRIES_RESPONSE) says in `success` whether listeners were called.
 */

export interface DeliveryMessage {
  readonly token: string;
  readonly index: number;
}

export function deliveryAnswer(storageId: string, token: string, index: number, delivered: boolean): HamokMessageInit {
  return {
    type: MessageType.UPDATE_ENTRIES_RESPONSE,
    storageId,
    requestId: token,
    revision: index,
    success: delivered,
  };
}

export function deliveryQuestion(storageId: string, token: string, index: number): HamokMessageInit {
  return { type: MessageType.EVENT_DELIVERY_REQUEST, storageId, requestId: token, revision: index };
}

/** Undefined where the message names no event. */
export function readDelivery({ requestId: token, revision: index }: DirectMessage): DeliveryMessage | undefined {
  return token === undefined || index === undefined ? undefined : { token, index };
}

/** For emitters that a member does not show: it has nobody to deliver to. */
export function answerUnclaimed(channel: DirectChannel, from: MemberId, message: DirectMessage): void {
  const delivery = message.type === MessageType.EVENT_DELIVERY_REQUEST ? readDelivery(message) : undefined;
  if (delivery === undefined) return;
  channel.send(from, deliveryAnswer(message.storageId, delivery.token, delivery.index, false));
}

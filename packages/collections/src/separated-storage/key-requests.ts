import { HamokMessage, MessageType } from '@hamok/messages';
import { byteString, bytesOf } from '../bytes/byte-string.js';
import type { Participant, View } from '../storage-grid/view.js';

/*
 * A request about keys (GET, UPDATE, INSERT, DELETE or REMOVE_ENTRIES_REQUEST; the last to evict) goes to the home of each key, or to
 * its holder where that is known. The answer has an outcome a key, in order.
 */

export type KeyOperation =
  | MessageType.GET_ENTRIES_REQUEST
  | MessageType.UPDATE_ENTRIES_REQUEST
  | MessageType.INSERT_ENTRIES_REQUEST
  | MessageType.DELETE_ENTRIES_REQUEST
  | MessageType.REMOVE_ENTRIES_REQUEST;

export function isKeyOperation(type: MessageType | undefined): type is KeyOperation {
  switch (type) {
    case MessageType.GET_ENTRIES_REQUEST:
    case MessageType.UPDATE_ENTRIES_REQUEST:
    case MessageType.INSERT_ENTRIES_REQUEST:
    case MessageType.DELETE_ENTRIES_REQUEST:
    case MessageType.REMOVE_ENTRIES_REQUEST:
      return true;
    default:
      return false;
  }
}

/** Whether it writes a value. */
export function writes(operation: KeyOperation): boolean {
  return operation === MessageType.UPDATE_ENTRIES_REQUEST || operation === MessageType.INSERT_ENTRIES_REQUEST;
}

export type Reply =
  /** Nobody holds the key: there was nothing to do. */
  | { readonly type: 'absent' }
  /** The holder did it, or found it done: what was there before. */
  | { readonly type: 'done'; readonly value: string }
  /** Nobody holds the key: who asked does from now on, if it still knows no later epoch. */
  | { readonly type: 'granted' }
  | { readonly type: 'held'; readonly by: Participant }
  /** Not to be answered here, or not now. Nothing was done. */
  | { readonly type: 'retry' };

export const absent: Reply = { type: 'absent' };
export const granted: Reply = { type: 'granted' };
export const retry: Reply = { type: 'retry' };

enum Outcome {
  Absent = 0,
  Done = 1,
  Granted = 2,
  Retry = 3,
  /** And above: held by that one of the answer's list. */
  Held = 4,
}

export function keyRequest(type: KeyOperation, slots: readonly string[], values: readonly string[]): HamokMessage {
  return new HamokMessage({ type, keys: slots.map(bytesOf), values: values.map(bytesOf) });
}

/** In as many messages as the values take: all but the last say that there are more. */
export function keyAnswers(request: HamokMessage, replies: readonly Reply[], maxBytes: number): HamokMessage[] {
  const answers: HamokMessage[] = [];
  let answer = emptyAnswer(request);
  let bytes = 0;
  for (const reply of replies) {
    const size = reply.type === 'done' ? reply.value.length : 0;
    if (bytes > 0 && bytes + size > maxBytes) {
      answer.lastMessage = false;
      answers.push(answer);
      answer = emptyAnswer(request);
      bytes = 0;
    }
    bytes += size;
    add(answer, reply);
  }
  answers.push(answer);
  return answers;
}

function emptyAnswer({ requestId }: HamokMessage): HamokMessage {
  return new HamokMessage({ type: MessageType.GET_ENTRIES_RESPONSE, requestId });
}

function add(answer: HamokMessage, reply: Reply): void {
  switch (reply.type) {
    case 'absent':
      answer.outcomes.push(Outcome.Absent);
      return;
    case 'done':
      answer.outcomes.push(Outcome.Done);
      answer.values.push(bytesOf(reply.value));
      return;
    case 'granted':
      answer.outcomes.push(Outcome.Granted);
      return;
    case 'held': {
      let at = answer.activeEndpointIds.indexOf(reply.by.id);
      if (at < 0) at = answer.activeEndpointIds.push(reply.by.id) - 1;
      answer.outcomes.push(Outcome.Held + at);
      return;
    }
    default:
      answer.outcomes.push(Outcome.Retry);
  }
}

/** What makes no sense counts as `retry`. */
export function readReplies({ outcomes, values, activeEndpointIds }: HamokMessage, view: View): Reply[] {
  let taken = 0;
  return outcomes.map((outcome) => {
    if (outcome === Outcome.Absent) return absent;
    if (outcome === Outcome.Granted) return granted;
    if (outcome === Outcome.Done) {
      const value = values[taken++];
      return value === undefined ? retry : { type: 'done', value: byteString(value) };
    }
    const by = outcome < Outcome.Held ? undefined : view.find(activeEndpointIds[outcome - Outcome.Held] ?? '');
    return by === undefined ? retry : { type: 'held', by };
  });
}

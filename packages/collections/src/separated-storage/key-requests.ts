import { HamokMessage, MessageType } from '@hamok/messages';
import { byteString, bytesOf } from '../bytes/byte-string.js';
import type { Clock } from '../clock.js';
import type { Participant, View } from '../storage-grid/view.js';

/*
 * A request about keys (GET, UPDATE, INSERT, DELETE or REMOVE_ENTRIES_REQUEST; the last to evict) goes to the home of each key, or to
 * its holder where that is known. Each answer has an outcome a key, in order; of those that are not known yet, that they come later.
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
  /** In another message. */
  Later = 4,
  /** And above: held by that one of the answer's list. */
  Held = 5,
}

export function keyRequest(type: KeyOperation, slots: readonly string[], values: readonly string[]): HamokMessage {
  return new HamokMessage({ type, keys: slots.map(bytesOf), values: values.map(bytesOf) });
}

/** The replies to one request, as they become known: those of one turn go together, in as many messages as their values take. */
export class KeyAnswer {
  readonly #replies: (Reply | undefined)[];
  #known = 0;
  #left: number;

  constructor(
    private readonly request: HamokMessage,
    private readonly clock: Clock,
    private readonly maxBytes: number,
    private readonly send: (answer: HamokMessage) => void,
    private readonly complete: () => void,
  ) {
    this.#left = request.keys.length;
    this.#replies = request.keys.map(() => undefined);
  }

  add(at: number, reply: Reply): void {
    this.#replies[at] = reply;
    if (++this.#known === 1) this.clock.defer(() => this.#flush());
  }

  #flush(): void {
    this.#left -= this.#known;
    this.#known = 0;
    let message = this.#begin();
    let bytes = 0;
    for (const [at, reply] of this.#replies.entries()) {
      if (reply === undefined) continue;
      this.#replies[at] = undefined;
      const size = reply.type === 'done' ? reply.value.length : 0;
      if (bytes > 0 && bytes + size > this.maxBytes) {
        this.send(message);
        message = this.#begin();
        bytes = 0;
      }
      bytes += size;
      put(message, at, reply);
    }
    message.lastMessage = this.#left === 0;
    this.send(message);
    if (this.#left === 0) this.complete();
  }

  #begin(): HamokMessage {
    return new HamokMessage({
      type: MessageType.GET_ENTRIES_RESPONSE,
      requestId: this.request.requestId,
      lastMessage: false,
      outcomes: this.#replies.map(() => Outcome.Later),
    });
  }
}

function put(answer: HamokMessage, at: number, reply: Reply): void {
  switch (reply.type) {
    case 'absent':
      answer.outcomes[at] = Outcome.Absent;
      return;
    case 'done':
      answer.outcomes[at] = Outcome.Done;
      answer.values.push(bytesOf(reply.value));
      return;
    case 'granted':
      answer.outcomes[at] = Outcome.Granted;
      return;
    case 'held': {
      let listed = answer.activeEndpointIds.indexOf(reply.by.id);
      if (listed < 0) listed = answer.activeEndpointIds.push(reply.by.id) - 1;
      answer.outcomes[at] = Outcome.Held + listed;
      return;
    }
    default:
      answer.outcomes[at] = Outcome.Retry;
  }
}

/** Tells the replies that are in an answer. What makes no sense counts as `retry`. */
export function readReplies(
  { outcomes, values, activeEndpointIds }: HamokMessage,
  view: View,
  tell: (at: number, reply: Reply) => void,
): void {
  let taken = 0;
  const read = (outcome: number): Reply => {
    if (outcome === Outcome.Absent) return absent;
    if (outcome === Outcome.Granted) return granted;
    if (outcome === Outcome.Done) {
      const value = values[taken++];
      return value === undefined ? retry : { type: 'done', value: byteString(value) };
    }
    const by = outcome < Outcome.Held ? undefined : view.find(activeEndpointIds[outcome - Outcome.Held] ?? '');
    return by === undefined ? retry : { type: 'held', by };
  };
  for (const [at, outcome] of outcomes.entries()) if (outcome !== Outcome.Later) tell(at, read(outcome));
}

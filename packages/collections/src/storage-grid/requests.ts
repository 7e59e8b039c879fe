import type { HamokMessage } from '@hamok/messages';
import type { CallEnding } from './call-order.js';
import type { EntryGrid } from './entry-grid.js';
import type { Participant } from './view.js';

/** Who was asked has left, and may or may not have done what it was asked for; or nobody waits for its answer. */
export class Departure extends Error {}

export interface Listener {
  /** Called when who is asked says that it works on it, or, where there are some, for whom it waits of whom it hears nothing. */
  readonly told: (waitsFor: readonly Participant[]) => void;
  /** Takes the messages of an answer before its last. */
  readonly part?: (message: HamokMessage) => void;
  /** When that is over, the answer does not matter any more. */
  readonly ending?: CallEnding | undefined;
}

interface Request {
  readonly to: Participant;
  readonly part: (message: HamokMessage) => void;
  readonly reject: (error: unknown) => void;
  readonly told: (waitsFor: readonly Participant[]) => void;
}

/** Questions to other participants that are not answered yet. */
export class Requests {
  readonly #open = new Map<string, Request>();
  #last = 0;

  /**
   * Resolves with the last message of the answer. Waits as long as who is asked takes part, and the answer matters.
   *
   * @throws Departure
   */
  ask(grid: EntryGrid, to: Participant, message: HamokMessage, listener: Listener): Promise<HamokMessage> {
    const { told, part: onPart, ending } = listener;
    const requestId = String(++this.#last);
    message.requestId = requestId;
    message.storageEpoch = grid.view.epoch;
    return new Promise((resolve, reject) => {
      const part = (answer: HamokMessage): void => {
        if (answer.lastMessage === false) return onPart?.(answer);
        this.#open.delete(requestId);
        resolve(answer);
      };
      this.#open.set(requestId, { to, part, reject, told });
      grid.streams.send(to, message, (delivered) => {
        if (!delivered) this.#end(requestId);
      });
      ending?.whenOver(() => this.#end(requestId));
    });
  }

  answered(from: Participant, answer: HamokMessage): void {
    const request = this.#open.get(answer.requestId ?? '');
    if (request?.to === from) request.part(answer);
  }

  told(from: Participant, requestIds: readonly string[], waitsFor: readonly Participant[]): void {
    for (const id of requestIds) {
      const request = this.#open.get(id);
      if (request?.to === from) request.told(waitsFor);
    }
  }

  /** Ends the questions to those who left. */
  viewChanged(grid: EntryGrid | undefined): void {
    for (const [id, { to }] of [...this.#open]) if (grid?.view.has(to) !== true) this.#end(id);
  }

  #end(requestId: string): void {
    const request = this.#open.get(requestId);
    this.#open.delete(requestId);
    request?.reject(new Departure());
  }
}

import { type HamokMessage, MessageType } from '@hamok/messages';
import { Acknowledgements } from './acknowledgements.js';
import { EntryBatch } from './entry-messages.js';
import type { MessageLimits } from './held-entries.js';
import type { Streams } from './streams.js';
import type { Participant, View } from './view.js';

/** Asks others to drop their copies of entries from before those were restored, and waits for their answers. */
export class DropRequests {
  /** Who has not answered. */
  readonly #asked = new Map<string, { readonly of: Participant; readonly dropped: () => void }>();
  #lastRequest = 0;

  constructor(
    private readonly streams: Streams,
    private readonly limits: MessageLimits,
  ) {}

  /** Resolves when all of the keepers of each entry have answered, or take no part any more. */
  async ask(slots: readonly string[], keepersOf: (slot: string) => Iterable<Participant>): Promise<void> {
    const sent = new Acknowledgements();
    const batches = new Map<Participant, EntryBatch>();
    for (const slot of slots)
      for (const keeper of keepersOf(slot)) {
        let batch = batches.get(keeper);
        if (batch === undefined) {
          const send = (message: HamokMessage): void => this.#send(keeper, message, sent.next());
          batch = new EntryBatch(MessageType.ENTRIES_INSERTED_NOTIFICATION, this.limits, send);
          batches.set(keeper, batch);
        }
        batch.add(slot);
      }
    for (const batch of batches.values()) batch.flush();
    await sent.all();
  }

  answered(from: Participant, { requestId = '' }: HamokMessage): void {
    const request = this.#asked.get(requestId);
    if (request?.of !== from) return;
    this.#asked.delete(requestId);
    request.dropped();
  }

  /** Who takes no part any more has no copies. */
  viewChanged(view: View): void {
    for (const [id, { of, dropped }] of [...this.#asked])
      if (!view.has(of)) {
        this.#asked.delete(id);
        dropped();
      }
  }

  #send(keeper: Participant, message: HamokMessage, dropped: () => void): void {
    message.requestId = String(++this.#lastRequest);
    this.#asked.set(message.requestId, { of: keeper, dropped });
    this.streams.send(keeper, message);
  }
}

import { HamokMessage, MessageType } from '@hamok/messages';
import type { Entry } from '@hamok/raft';
import type { Process } from '../world/process.js';

/** The end of an entry was put off. */
interface Touch {
  readonly key: string;
  readonly ttlInMs: number;
}

/** One grid's log, as far as anyone has applied it. */
interface Book {
  /** The last sequence of each session. */
  readonly lastOf: Map<string, number>;
  readonly places: Map<string, number>;
  readonly published: number[];
  readonly touches: Map<number, Touch>;
  last: number;
}

/**
 * Which commands in the logs of the grids have an effect, by the rule alone and not by what members did: those that come in the
 * order of their session.
 */
export class LogEffects {
  readonly #books = new Map<string, Book>();

  /** Takes in what a process applies. Who comes later tells nothing new. */
  read({ gridId }: Process, { index, kind, data }: Entry): void {
    if (gridId === undefined) return;
    const book: Book = this.#books.get(gridId) ?? newBook();
    this.#books.set(gridId, book);
    if (index !== book.last + 1) return;
    book.last = index;
    if (kind !== 'command') return;
    const { type, sourceId, sourceIncarnation, sessionSequence, keys, values, ttlInMs } = HamokMessage.fromBinary(data);
    const session = `${sourceId}@${sourceIncarnation}`;
    if (sessionSequence === undefined || sessionSequence !== (book.lastOf.get(session) ?? 0) + 1) return;
    book.lastOf.set(session, sessionSequence);
    if (type === MessageType.PUBLISH_EVENT_REQUEST) book.published.push(index);
    if (type === MessageType.TOUCH_ENTRIES_REQUEST)
      for (const key of keys) book.touches.set(index, { key: JSON.parse(text(key)), ttlInMs: ttlInMs ?? 0 });
    for (const value of values) if (!book.places.has(text(value))) book.places.set(text(value), index);
  }

  /** Where a value is written that is written once; undefined while that is not applied anywhere. */
  placeOf({ gridId = '' }: Process, value: string): number | undefined {
    return this.#books.get(gridId)?.places.get(JSON.stringify(value));
  }

  touchAt({ gridId = '' }: Process, index: number): Touch | undefined {
    return this.#books.get(gridId)?.touches.get(index);
  }

  /** How many events were published behind an index and up to another; undefined while not all of that is applied anywhere. */
  published({ gridId = '' }: Process, behind: number, upTo: number): number | undefined {
    const book = this.#books.get(gridId);
    return book && book.last >= upTo
      ? book.published.filter((index) => index > behind && index <= upTo).length
      : undefined;
  }
}

function newBook(): Book {
  return { lastOf: new Map(), places: new Map(), published: [], touches: new Map(), last: -1 };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

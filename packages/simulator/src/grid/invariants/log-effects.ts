import { HamokMessage, MessageType, StorageKind } from '@hamok/messages';
import { type Entry, incarnationOf, type MemberId } from '@hamok/raft';
import { membersOf } from '../../invariants/invariant.js';
import { runIn } from '../reference/command.js';
import type { Process } from '../world/process.js';

/** The end of an entry was put off. */
interface Touch {
  readonly mapId: string;
  readonly key: string;
  readonly ttlInMs: number;
}

/** A member subscribed itself. */
interface Subscription {
  readonly session: string;
  readonly index: number;
}

/** One grid's log, as far as anyone has applied it. */
interface Book {
  /** The last sequence of each session. */
  readonly lastOf: Map<string, number>;
  /** As of the last change; undefined before the first, when who founded the grid is in it. */
  members: ReadonlySet<MemberId> | undefined;
  /** The processes that go on as members that others were, and the member behind each of them. */
  readonly runs: Map<MemberId, MemberId>;
  readonly memberOf: Map<MemberId, MemberId>;
  readonly places: Map<string, number>;
  readonly published: { readonly emitterId: string; readonly index: number }[];
  /** By emitter and id. */
  readonly subscriptions: Map<string, Subscription>;
  readonly touches: Map<number, Touch>;
  last: number;
}

/**
 * Which commands in the logs of the grids have an effect, by the rule alone and not by what members did: those that come in the
 * order of their session, and before it is closed.
 */
export class LogEffects {
  readonly #books = new Map<string, Book>();

  /** Takes in what a process applies. Who comes later tells nothing new. */
  read(process: Pick<Process, 'core' | 'gridId'>, entry: Entry): void {
    const { gridId } = process;
    if (gridId === undefined) return;
    const book: Book = this.#books.get(gridId) ?? newBook();
    this.#books.set(gridId, book);
    for (const each of unread(process, book.last, entry)) this.#take(book, each);
  }

  #take(book: Book, entry: Entry): void {
    const { index, kind, data, configuration } = entry;
    book.last = index;
    if (configuration) book.members = new Set(membersOf(configuration));
    if (kind !== 'command') return;
    const message = HamokMessage.fromBinary(data);
    const {
      type,
      sourceId,
      sourceIncarnation,
      sessionSequence,
      storageId = '',
      keys,
      values,
      expectedEntries,
      ttlInMs,
    } = message;
    if (type === MessageType.MEMBER_RUN_REQUEST) begin(book, entry);
    const session = `${sourceId}@${sourceIncarnation}`;
    if (sessionSequence === undefined || sessionSequence !== (book.lastOf.get(session) ?? 0) + 1) return;
    if (!isOpen(book, session)) return;
    book.lastOf.set(session, sessionSequence);
    if (type === MessageType.PUBLISH_EVENT_REQUEST) book.published.push({ emitterId: storageId, index });
    if (message.storageKind === StorageKind.EMITTER && keys.length === 1)
      subscribe(book.subscriptions, JSON.stringify([storageId, sourceId]), type, { session, index });
    if (type === MessageType.TOUCH_ENTRIES_REQUEST)
      for (const key of keys)
        book.touches.set(index, { mapId: storageId, key: JSON.parse(text(key)), ttlInMs: ttlInMs ?? 0 });
    // What is expected to be there may have been written in another grid.
    for (const value of values.slice(expectedEntries))
      if (!book.places.has(text(value))) book.places.set(text(value), index);
  }

  /** Whether a value is written in any grid. */
  isWritten(value: string): boolean {
    return [...this.#books.values()].some(({ places }) => places.has(JSON.stringify(value)));
  }

  /** Where a value is written that is written once; undefined while that is not applied anywhere. */
  placeOf({ gridId = '' }: Pick<Process, 'gridId'>, value: string): number | undefined {
    return this.#books.get(gridId)?.places.get(JSON.stringify(value));
  }

  touchAt({ gridId = '' }: Process, index: number): Touch | undefined {
    return this.#books.get(gridId)?.touches.get(index);
  }

  /** Where a member subscribed itself at last; undefined where it has not since it was one, or ended that. */
  subscribedAt({ gridId = '', peerId }: Process, emitter: string): number | undefined {
    return this.#books.get(gridId)?.subscriptions.get(JSON.stringify([emitter, peerId]))?.index;
  }

  /** How many events of an emitter were published behind an index and up to another; undefined while not all of that is applied anywhere. */
  published({ gridId = '' }: Process, emitter: string, behind: number, upTo: number): number | undefined {
    const book = this.#books.get(gridId);
    return book && book.last >= upTo
      ? book.published.filter(({ emitterId, index }) => emitterId === emitter && index > behind && index <= upTo).length
      : undefined;
  }
}

/**
 * The entries behind an index up to one that a process applied now: nothing of what it applied before its program was told is left out.
 * Empty where they are known, or not all there any more.
 */
export function unread({ core }: Pick<Process, 'core'>, last: number, entry: Entry): Entry[] {
  const entries = [];
  for (let index = last + 1; index < entry.index; index++) {
    const skipped = core?.log.get(index);
    if (!skipped) return [];
    entries.push(skipped);
  }
  return entry.index > last ? [...entries, entry] : [];
}

function newBook(): Book {
  return {
    lastOf: new Map(),
    members: undefined,
    runs: new Map(),
    memberOf: new Map(),
    places: new Map(),
    published: [],
    subscriptions: new Map(),
    touches: new Map(),
    last: -1,
  };
}

/** The session of the process before ends, and another begins, where this one is later. */
function begin(book: Book, entry: Entry): void {
  const { member, run } = runIn(entry) ?? {};
  if (member === undefined || run === undefined) return;
  if (incarnationOf(run) <= incarnationOf(book.runs.get(member) ?? member)) return;
  book.runs.set(member, run);
  book.memberOf.set(run, member);
}

/** What comes from who was removed before, or from a process that another had followed, may be in the log, and has no effect. */
function isOpen({ members, runs, memberOf }: Book, session: MemberId): boolean {
  const member = memberOf.get(session) ?? session;
  return (members?.has(member) ?? true) && (runs.get(member) ?? member) === session;
}

/** Who is subscribed as the same incarnation already goes on to be. */
function subscribe(
  subscriptions: Map<string, Subscription>,
  subscriber: string,
  type: MessageType | undefined,
  subscription: Subscription,
): void {
  if (type === MessageType.REMOVE_ENTRIES_REQUEST) subscriptions.delete(subscriber);
  if (type === MessageType.INSERT_ENTRIES_REQUEST && subscriptions.get(subscriber)?.session !== subscription.session)
    subscriptions.set(subscriber, subscription);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

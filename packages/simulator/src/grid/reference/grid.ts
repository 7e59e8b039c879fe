import { MessageType, StorageKind } from '@hamok/messages';
import { type Configuration, type Entry, incarnationOf, type MemberId } from '@hamok/raft';
import type { Collection, Outcome, Told } from './collection.js';
import { type Command, commandOf, runIn, type Session } from './command.js';
import { plainMap, plainRecord, plainStorage } from './map.js';
import { PlainQueue } from './queue.js';
import { PlainSubscriptions } from './subscriptions.js';

const kinds: ReadonlyMap<number | undefined, () => Collection> = new Map<number, () => Collection>([
  [StorageKind.MAP, plainMap],
  [StorageKind.RECORD, plainRecord],
  [StorageKind.REPLICATED_STORAGE, plainStorage],
  [StorageKind.QUEUE, () => new PlainQueue()],
  [StorageKind.EMITTER, () => new PlainSubscriptions()],
]);

/**
 * What a log makes of the collections of a grid, by the rule alone and without anything that the product has: sessions that apply each
 * command once and in order, and collections that are lists. What takes a database is left out.
 */
export class ReferenceGrid {
  readonly collections = new Map<string, Collection>();
  /** The last sequence of each process that is a member. */
  readonly #sessions = new Map<MemberId, number>();
  /** The process behind each member. */
  readonly #runs = new Map<MemberId, MemberId>();

  /** @param answer called with what the caller of each command is told */
  constructor(
    founders: Configuration,
    private readonly answer: (session: Session, outcomes: readonly Outcome[]) => void = () => {},
  ) {
    this.#follow(founders);
  }

  /** What is told of an entry, of each collection in its order. */
  apply(entry: Entry): ReadonlyMap<string, readonly Told[]> {
    const { configuration } = entry;
    const told = new Map<string, Told[]>();
    const tell = (id: string, events: readonly Told[] = []): void => {
      if (events.length > 0) told.set(id, [...(told.get(id) ?? []), ...events]);
    };
    const command = commandOf(entry);
    if (configuration) this.#follow(configuration);
    const run = runIn(entry);
    if (run) this.#begin(run.member, run.run);
    if (configuration || run)
      for (const [id, collection] of this.collections) tell(id, collection.membersChanged?.(this.#members));
    if (command) {
      for (const [id, collection] of this.collections) tell(id, collection.pass(entry));
      const [id, events] = this.#carryOut(command, entry);
      tell(id, events);
    }
    for (const [id, collection] of this.collections) tell(id, collection.settle?.());
    return told;
  }

  get #members(): ReadonlySet<MemberId> {
    return new Set(this.#sessions.keys());
  }

  #follow({ voters, learners }: Configuration): void {
    const members = new Set([...voters, ...learners]);
    for (const [member, run] of this.#runs) {
      if (members.has(member)) continue;
      this.#runs.delete(member);
      this.#sessions.delete(run);
    }
    for (const member of members) {
      if (this.#runs.has(member)) continue;
      this.#runs.set(member, member);
      this.#sessions.set(member, 0);
    }
  }

  #begin(member: MemberId, run: MemberId): void {
    const before = this.#runs.get(member);
    if (before === undefined || incarnationOf(run) <= incarnationOf(before)) return;
    this.#sessions.delete(before);
    this.#runs.set(member, run);
    this.#sessions.set(run, 0);
  }

  #carryOut(command: Command, entry: Entry): [id: string, events: readonly Told[]] {
    const { type, session, storageId = '', storageKind } = command;
    if (!session || this.#sessions.get(session.member) !== session.sequence - 1) return [storageId, []];
    this.#sessions.set(session.member, session.sequence);
    const collection = this.collections.get(storageId) ?? kinds.get(storageKind)?.();
    if (!collection) return [storageId, []];
    this.collections.set(storageId, collection);
    if (type === MessageType.STORAGE_OPEN_REQUEST) return [storageId, []];
    const outcomes = collection.outcomesOf(command, session.member, this.#members);
    if (outcomes) this.answer(session, outcomes);
    return [storageId, collection.apply(command, session.member, entry, this.#members)];
  }
}

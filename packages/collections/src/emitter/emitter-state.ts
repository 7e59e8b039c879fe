import { MessageType, type StorageKind } from '@hamok/messages';
import type { ByteReader } from '../bytes/byte-reader.js';
import { equalBytes, retained } from '../bytes/byte-string.js';
import { decodeText, encodeText } from '../bytes/utf8.js';
import type { MemberId } from '../consensus.js';
import { BadSnapshotError } from '../errors.js';
import type { StorageCommand } from '../replicated/command.js';
import { OpenCuts } from '../replicated/open-cuts.js';
import type { Outcome, Result } from '../replicated/result.js';
import type { LogPosition, Members, StateCut, StorageModel, StorageState } from '../replicated/storage-state.js';

/** An event in its place in the log. */
export interface PublishedEvent {
  readonly type: 'published';
  readonly event: string;
  readonly publisher: MemberId;
  /** The publisher's own name for it. */
  readonly token: string;
  readonly index: number;
  readonly payload: Uint8Array;
  /** The members that were subscribed to it. */
  readonly subscribers: readonly MemberId[];
}

export type EmitterChange =
  | {
      readonly type: 'added' | 'removed';
      readonly event: string;
      readonly member: MemberId;
      readonly metaData: Uint8Array;
    }
  | {
      readonly type: 'updated';
      readonly event: string;
      readonly member: MemberId;
      readonly before: Uint8Array;
      readonly metaData: Uint8Array;
    }
  | PublishedEvent
  | { readonly type: 'members' };

export interface Subscription {
  readonly metaData: Uint8Array;
  /** What `published` was when it began. */
  readonly since: number;
}

interface EventEntry {
  readonly event: string;
  /**
   * Grows by one with each event of this name. It begins with the index of the first subscription, which no earlier count has reached:
   * also where an event loses all its subscribers and gets others, it never falls.
   */
  published: number;
  readonly subscribers: Map<MemberId, Subscription>;
}

const nobody: ReadonlyMap<MemberId, Subscription> = new Map();

/** Which member is subscribed to which event, with which metadata: a member's subscriptions end with its membership. */
export class EmitterState implements StorageState {
  readonly nextDeadline = Number.POSITIVE_INFINITY;
  observer: ((change: EmitterChange) => void) | undefined;
  readonly #events = new Map<string, EventEntry>();
  readonly #cuts = new OpenCuts(({ published, subscribers }: EventEntry) => ({
    published,
    subscribers: [...subscribers],
  }));
  #changes: EmitterChange[] = [];

  constructor(readonly kind: StorageKind) {}

  /** How many events have subscribers. */
  get size(): number {
    return this.#events.size;
  }

  events(): IterableIterator<string> {
    return this.#events.keys();
  }

  /** Who is subscribed to an event, in the order of subscription. */
  subscribers(event: string): ReadonlyMap<MemberId, Subscription> {
    return this.#events.get(event)?.subscribers ?? nobody;
  }

  /** Only the difference to an earlier state's means something: so many events were published in between. */
  published(event: string): number {
    return this.#events.get(event)?.published ?? 0;
  }

  apply(command: StorageCommand, at: LogPosition, members: Members): Result {
    const { type, keys, values, prevValue } = command;
    switch (type) {
      case MessageType.INSERT_ENTRIES_REQUEST:
        return this.#subscribeAll(command, at, members);
      case MessageType.UPDATE_ENTRIES_REQUEST:
        return this.#update(text(keys[0]), memberOf(command), values[0], prevValue);
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return this.#unsubscribe(text(keys[0]), memberOf(command));
      case MessageType.DELETE_ENTRIES_REQUEST:
        return keys.map((member) => this.#unsubscribeFromAll(text(member)));
      case MessageType.PUBLISH_EVENT_REQUEST:
        return this.#publish(command, at);
      default:
        return this.#unsubscribeFromAll(command.member);
    }
  }

  expireNext(): void {}

  membersChanged(members: ReadonlySet<MemberId>): void {
    const left = new Set<MemberId>();
    for (const { subscribers } of this.#events.values())
      for (const member of subscribers.keys()) if (!members.has(member)) left.add(member);
    for (const member of left) this.#unsubscribeFromAll(member);
    this.#tell({ type: 'members' });
  }

  publish(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    for (const change of changes) this.observer?.(change);
  }

  cut(): StateCut {
    return this.#cuts.cut(Array.from(this.#events.values()), ({ event }, { published, subscribers }, writer) => {
      writer.text(event);
      writer.varint(published);
      writer.varint(subscribers.length);
      for (const [member, { metaData, since }] of subscribers) {
        writer.text(member);
        writer.bytes(metaData);
        writer.varint(since);
      }
    });
  }

  restore(record: ByteReader): void {
    const event = record.text();
    if (this.#events.has(event)) throw new BadSnapshotError('an event occurs twice');
    const published = record.varint();
    const subscribers = new Map<MemberId, Subscription>();
    for (let count = record.varint(); count > 0; count--)
      subscribers.set(record.text(), { metaData: record.bytes().slice(), since: record.varint() });
    this.#events.set(event, { event, published, subscribers });
  }

  /** Somebody else may have left since the command was made, and has a place no more. */
  #subscribeAll(command: StorageCommand, at: LogPosition, members: Members): Result {
    const { keys, values, member } = command;
    if (keys.length === values.length)
      return oneOrList(values.map((metaData, i) => this.#subscribe(text(keys[i]), member, metaData, at)));
    return values.map((metaData, i) => {
      const other = text(keys[2 * i + 1]);
      return members.has(other) && this.#subscribe(text(keys[2 * i]), other, metaData, at);
    });
  }

  #subscribe(event: string, member: MemberId, metaData: Uint8Array, { index }: LogPosition): boolean {
    let entry = this.#events.get(event);
    if (entry?.subscribers.has(member) === true) return false;
    if (entry === undefined) {
      entry = { event, published: index, subscribers: new Map() };
      this.#events.set(event, entry);
    }
    const kept = retained(metaData);
    this.#cuts.changing(entry);
    entry.subscribers.set(member, { metaData: kept, since: entry.published });
    this.#tell({ type: 'added', event, member, metaData: kept });
    return true;
  }

  #update(event: string, member: MemberId, metaData: Uint8Array = nothing, expected?: Uint8Array): boolean {
    const entry = this.#events.get(event);
    const subscription = entry?.subscribers.get(member);
    if (entry === undefined || subscription === undefined) return false;
    const { metaData: before, since } = subscription;
    if (expected !== undefined && !equalBytes(before, expected)) return false;
    const kept = retained(metaData);
    this.#cuts.changing(entry);
    entry.subscribers.set(member, { metaData: kept, since });
    this.#tell({ type: 'updated', event, member, before, metaData: kept });
    return true;
  }

  #unsubscribe(event: string, member: MemberId): boolean {
    const entry = this.#events.get(event);
    const subscription = entry?.subscribers.get(member);
    if (entry === undefined || subscription === undefined) return false;
    this.#cuts.changing(entry);
    entry.subscribers.delete(member);
    if (entry.subscribers.size === 0) this.#events.delete(event);
    this.#tell({ type: 'removed', event, member, metaData: subscription.metaData });
    return true;
  }

  #unsubscribeFromAll(member: MemberId): boolean {
    let found = false;
    for (const event of [...this.#events.keys()]) found = this.#unsubscribe(event, member) || found;
    return found;
  }

  /** The result: the event's index, and who was subscribed. */
  #publish({ keys, values, member: publisher }: StorageCommand, { index }: LogPosition): Result {
    const event = text(keys[0]);
    const entry = this.#events.get(event);
    const subscribers = [...(entry?.subscribers.keys() ?? [])];
    if (entry !== undefined) {
      this.#cuts.changing(entry);
      entry.published++;
      const payload = values[0] ?? nothing;
      this.#tell({ type: 'published', event, publisher, token: text(keys[1]), index, payload, subscribers });
    }
    return [encodeText(String(index)), ...subscribers.map(encodeText)];
  }

  #tell(change: EmitterChange): void {
    if (this.observer !== undefined) this.#changes.push(change);
  }
}

/**
 * Commands of emitters. Those that change subscriptions are for the sender's own (a key is an event), or name the member behind
 * each event; DELETE names members that are unsubscribed from everything, CLEAR does that to the sender. PUBLISH has an event and
 * the publisher's token for it.
 */
export const emitterModel: StorageModel = {
  accepts({ type, keys, values }) {
    switch (type) {
      case MessageType.INSERT_ENTRIES_REQUEST:
        return values.length > 0 && (keys.length === values.length || keys.length === 2 * values.length);
      case MessageType.UPDATE_ENTRIES_REQUEST:
        return (keys.length === 1 || keys.length === 2) && values.length === 1;
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return keys.length === 1 || keys.length === 2;
      case MessageType.DELETE_ENTRIES_REQUEST:
        return keys.length > 0;
      case MessageType.PUBLISH_EVENT_REQUEST:
        return keys.length === 2 && values.length === 1;
      default:
        return type === MessageType.CLEAR_ENTRIES_REQUEST;
    }
  },
  create: (kind) => new EmitterState(kind),
};

const nothing = new Uint8Array(0);

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : decodeText(bytes);
}

/** The member that a command about one subscription names, or its sender. */
function memberOf({ keys, member }: StorageCommand): MemberId {
  return keys[1] === undefined ? member : text(keys[1]);
}

function oneOrList(outcomes: readonly Outcome[]): Result {
  return outcomes.length === 1 ? outcomes[0] : outcomes;
}

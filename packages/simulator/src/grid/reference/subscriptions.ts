import { MessageType } from '@hamok/messages';
import { idOf, type MemberId } from '@hamok/raft';
import { type Collection, type Outcome, type Place, parsed, type Told } from './collection.js';
import type { Command } from './command.js';

/** Who is subscribed to which events of an emitter, with which metadata. */
export class PlainSubscriptions implements Collection {
  readonly #events = new Map<string, Map<MemberId, string>>();

  get contents(): unknown {
    return [...this.#events].map(([event, members]) => [
      event,
      [...members].map(([member, metaData]) => [idOf(member), parsed(metaData)]),
    ]);
  }

  pass(): Told[] {
    return [];
  }

  apply(
    { type, keys, values, prevValue }: Command,
    sender: MemberId,
    _: Place,
    members: ReadonlySet<MemberId>,
  ): Told[] {
    const [event = '', member = sender] = keys;
    switch (type) {
      case MessageType.INSERT_ENTRIES_REQUEST:
        return members.has(member) ? this.#subscribe(event, member, values[0] ?? '') : [];
      case MessageType.UPDATE_ENTRIES_REQUEST:
        return this.#update(event, member, values[0] ?? '', prevValue);
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return this.#unsubscribe(event, member);
      case MessageType.DELETE_ENTRIES_REQUEST:
        return keys.flatMap((each) => this.#unsubscribeFromAll(each));
      case MessageType.CLEAR_ENTRIES_REQUEST:
        return this.#unsubscribeFromAll(sender);
      default:
        return [];
    }
  }

  outcomesOf(command: Command, sender: MemberId, members: ReadonlySet<MemberId>): readonly Outcome[] | undefined {
    const { type, keys, prevValue } = command;
    const [event = '', member = sender] = keys;
    const metaData = this.#events.get(event)?.get(member);
    const isSubscribed = (one: MemberId): boolean => [...this.#events.values()].some((each) => each.has(one));
    switch (type) {
      case MessageType.INSERT_ENTRIES_REQUEST:
        return [members.has(member) && metaData === undefined];
      case MessageType.UPDATE_ENTRIES_REQUEST:
        return [metaData !== undefined && (prevValue === undefined || prevValue === metaData)];
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return [metaData !== undefined];
      case MessageType.DELETE_ENTRIES_REQUEST:
        return keys.map(isSubscribed);
      default:
        return undefined;
    }
  }

  membersChanged(members: ReadonlySet<MemberId>): Told[] {
    const gone = new Set([...this.#events.values()].flatMap((subscribers) => [...subscribers.keys()]));
    return [...gone].flatMap((member) => (members.has(member) ? [] : this.#unsubscribeFromAll(member)));
  }

  #subscribe(event: string, member: MemberId, metaData: string): Told[] {
    const members = this.#events.get(event) ?? new Map<MemberId, string>();
    if (members.has(member)) return [];
    this.#events.set(event, members.set(member, metaData));
    return [['added', event, idOf(member), parsed(metaData)]];
  }

  #update(event: string, member: MemberId, metaData: string, expected: string | undefined): Told[] {
    const members = this.#events.get(event);
    const before = members?.get(member);
    if (before === undefined || (expected !== undefined && expected !== before)) return [];
    members?.set(member, metaData);
    return [['updated', event, idOf(member), parsed(metaData), parsed(before)]];
  }

  #unsubscribe(event: string, member: MemberId): Told[] {
    const members = this.#events.get(event);
    const metaData = members?.get(member);
    if (metaData === undefined) return [];
    members?.delete(member);
    if (members?.size === 0) this.#events.delete(event);
    return [['removed', event, idOf(member), parsed(metaData)]];
  }

  #unsubscribeFromAll(member: MemberId): Told[] {
    return [...this.#events.keys()].flatMap((event) => this.#unsubscribe(event, member));
  }
}

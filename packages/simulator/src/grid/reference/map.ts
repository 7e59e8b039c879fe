import { MessageType } from '@hamok/messages';
import type { MemberId } from '@hamok/raft';
import { type Collection, type Outcome, type Place, parsed, type Told } from './collection.js';
import type { Command } from './command.js';

interface MapEntry {
  readonly value: string;
  /** Where it was written. */
  readonly revision: number;
  /** In ms of log time; Infinity for never. */
  end: number;
}

/** What happened to a key. */
interface Change {
  readonly type: 'insert' | 'update' | 'remove' | 'expire';
  readonly key: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

type ChangeTeller = (change: Change, command: MessageType | undefined) => Told;

/** A map; with another way to tell of its changes also a record, and a replicated storage. */
export class PlainMap implements Collection {
  readonly #entries = new Map<string, MapEntry>();

  constructor(
    private readonly tell: ChangeTeller,
    private readonly cleared: string,
    private readonly show: (key: string, entry: Readonly<MapEntry>) => unknown,
  ) {}

  get contents(): unknown {
    return [...this.#entries].map(([key, entry]) => this.show(key, entry));
  }

  pass({ time }: Place): Told[] {
    const due = [...this.#entries].filter(([, { end }]) => end <= time);
    due.sort(([a, { end }], [b, { end: other }]) => end - other || (a < b ? -1 : 1));
    return due.flatMap(([key]) => this.#take('expire', key, undefined));
  }

  apply(command: Command, _: MemberId, { index, time }: Place): Told[] {
    const { type, keys, values, ttlInMs, expectedEntries = 0 } = command;
    const end = ttlInMs === undefined ? Number.POSITIVE_INFINITY : time + ttlInMs;
    const write = (key: string, value = ''): Told[] => {
      const before = this.#entries.get(key)?.value;
      this.#entries.set(key, { value, revision: index, end });
      return [this.tell({ type: before === undefined ? 'insert' : 'update', key, before, after: value }, type)];
    };
    const isTaken = (key: string): boolean => this.#entries.has(key);
    switch (type) {
      case MessageType.UPDATE_ENTRIES_REQUEST:
        return this.#isAsExpected(command) ? keys.flatMap((key, i) => write(key, values[i])) : [];
      case MessageType.UPDATE_ENTRIES_IF_REQUEST:
        if (!this.#holdsExpected(command)) return [];
        return keys.flatMap((key, i) => (i < expectedEntries ? [] : write(key, values[i])));
      case MessageType.INSERT_ENTRIES_REQUEST:
      case MessageType.RESTORE_ENTRIES_REQUEST:
        return keys.flatMap((key, i) => (isTaken(key) ? [] : write(key, values[i])));
      case MessageType.DELETE_ENTRIES_REQUEST:
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return this.#isAsExpected(command) ? keys.flatMap((key) => this.#take('remove', key, type)) : [];
      case MessageType.TOUCH_ENTRIES_REQUEST:
        for (const key of keys) {
          const entry = this.#entries.get(key);
          if (entry) entry.end = end;
        }
        return [];
      case MessageType.CLEAR_ENTRIES_REQUEST:
        this.#entries.clear();
        return [[this.cleared]];
      default:
        return [];
    }
  }

  outcomesOf(command: Command): readonly Outcome[] | undefined {
    const { type, keys, prevValue, revision } = command;
    const before = keys.map((key) => this.#entries.get(key)?.value ?? null);
    const isConditional = prevValue !== undefined || revision !== undefined;
    switch (type) {
      case MessageType.UPDATE_ENTRIES_REQUEST:
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return isConditional ? [this.#isAsExpected(command)] : before;
      case MessageType.INSERT_ENTRIES_REQUEST:
        return before;
      case MessageType.RESTORE_ENTRIES_REQUEST:
        return before.map((value) => value === null);
      case MessageType.DELETE_ENTRIES_REQUEST:
      case MessageType.TOUCH_ENTRIES_REQUEST:
        return before.map((value) => value !== null);
      case MessageType.UPDATE_ENTRIES_IF_REQUEST:
        return [this.#holdsExpected(command)];
      default:
        return undefined;
    }
  }

  #holdsExpected({ keys, values, expectedEntries = 0 }: Command): boolean {
    return keys.slice(0, expectedEntries).every((key, i) => this.#entries.get(key)?.value === values[i]);
  }

  #isAsExpected({ keys: [key = ''], prevValue, revision }: Command): boolean {
    const entry = this.#entries.get(key);
    if (prevValue !== undefined) return entry?.value === prevValue;
    return revision === undefined || (entry?.revision ?? -1) === revision;
  }

  #take(type: 'remove' | 'expire', key: string, command: MessageType | undefined): Told[] {
    const entry = this.#entries.get(key);
    if (!entry) return [];
    this.#entries.delete(key);
    return [this.tell({ type, key, before: entry.value, after: undefined }, command)];
  }
}

export function plainMap(): PlainMap {
  const tell = ({ type, key, before, after }: Change): Told => [type, parsed(key), ...given(before), ...given(after)];
  const show = (key: string, { value, revision, end }: MapEntry): unknown => [
    parsed(key),
    parsed(value),
    revision,
    end === Number.POSITIVE_INFINITY ? null : end,
  ];
  return new PlainMap(tell, 'clear', show);
}

/** Its keys are the names of its fields, as they are. */
export function plainRecord(): PlainMap {
  const tell = ({ type, key, before, after }: Change): Told => {
    if (type === 'update') return [type, { key, oldValue: parsed(before ?? ''), newValue: parsed(after ?? '') }];
    return [type, { key, value: parsed(after ?? before ?? '') }];
  };
  return new PlainMap(tell, 'clear', (key, { value }) => [key, parsed(value)]);
}

export function plainStorage(): PlainMap {
  const tell = ({ type, key, before, after }: Change, command: MessageType | undefined): Told => {
    const inserted = command === MessageType.RESTORE_ENTRIES_REQUEST ? 'restored' : 'created';
    const removed = command === MessageType.REMOVE_ENTRIES_REQUEST ? 'evicted' : 'deleted';
    const event = type === 'insert' ? inserted : type === 'update' ? 'updated' : removed;
    return [event, parsed(key), ...given(before), ...given(after)];
  };
  return new PlainMap(tell, 'cleared', (key, { value }) => [parsed(key), parsed(value)]);
}

function given(encoded: string | undefined): unknown[] {
  return encoded === undefined ? [] : [parsed(encoded)];
}

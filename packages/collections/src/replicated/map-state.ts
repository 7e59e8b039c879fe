import { MessageType, type StorageKind } from '@hamok/messages';
import type { ByteReader } from '../bytes/byte-reader.js';
import { byteString, equalBytes, retained } from '../bytes/byte-string.js';
import { BadSnapshotError } from '../errors.js';
import type { StorageCommand } from './command.js';
import type { Outcome, Result } from './result.js';
import type { LogPosition, StateCut, StorageModel, StorageState } from './storage-state.js';

/** What a key holds, as of one write. Never changed: the next write makes another. */
export interface MapVersion {
  readonly value: Uint8Array;
  /** The index of the command that wrote it. */
  readonly revision: number;
}

/** A key's place in the map, from its insertion to its removal. */
export class MapSlot {
  constructor(
    readonly key: Uint8Array,
    /** Undefined once the key was removed: whoever still holds the slot learns it here. */
    public current: MapVersion | undefined,
  ) {}
}

export type MapChange =
  | { readonly type: 'insert'; readonly slot: MapSlot; readonly after: MapVersion }
  | { readonly type: 'update'; readonly slot: MapSlot; readonly before: MapVersion; readonly after: MapVersion }
  | { readonly type: 'remove'; readonly slot: MapSlot; readonly before: MapVersion }
  | { readonly type: 'clear' };

export type MapObserver = (change: MapChange) => void;

/** A replicated map of bytes to bytes, iterated in the order of insertion. */
export class MapState implements StorageState {
  observer: MapObserver | undefined;
  #slots = new Map<string, MapSlot>();
  #changes: MapChange[] = [];

  readonly nextDeadline = Number.POSITIVE_INFINITY;

  constructor(readonly kind: StorageKind) {}

  expireNext(): void {}

  get size(): number {
    return this.#slots.size;
  }

  slot(key: Uint8Array): MapSlot | undefined {
    return this.#slots.get(byteString(key));
  }

  slots(): IterableIterator<MapSlot> {
    return this.#slots.values();
  }

  apply({ type, keys, values, prevValue }: StorageCommand, at: LogPosition): Result {
    switch (type) {
      case MessageType.UPDATE_ENTRIES_REQUEST:
        if (prevValue !== undefined) return this.#updateIf(first(keys), first(values), prevValue, at);
        return each(keys, (key, i) => this.#set(key, values[i], at));
      case MessageType.INSERT_ENTRIES_REQUEST:
        return each(keys, (key, i) => this.#insert(key, values[i], at));
      case MessageType.DELETE_ENTRIES_REQUEST:
        return each(keys, (key) => this.#remove(key) !== undefined);
      case MessageType.REMOVE_ENTRIES_REQUEST:
        if (prevValue !== undefined) return this.#removeIf(first(keys), prevValue);
        return each(keys, (key) => this.#remove(key));
      default:
        this.#clear();
        return undefined;
    }
  }

  publish(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    for (const change of changes) this.observer?.(change);
  }

  cut(): StateCut {
    const slots = Array.from(this.#slots.values());
    const versions = slots.map((slot) => slot.current);
    return {
      count: slots.length,
      write(position, writer) {
        const slot = slots[position];
        const version = versions[position];
        if (slot === undefined || version === undefined) return;
        writer.bytes(slot.key);
        writer.bytes(version.value);
        writer.varint(version.revision);
      },
    };
  }

  restore(record: ByteReader): void {
    const key = record.bytes();
    const value = record.bytes();
    const slot = new MapSlot(key.slice(), { value: value.slice(), revision: record.varint() });
    const place = byteString(key);
    if (this.#slots.has(place)) throw new BadSnapshotError('a key occurs twice');
    this.#slots.set(place, slot);
  }

  #set(key: Uint8Array, value: Uint8Array | undefined, at: LogPosition): Uint8Array | undefined {
    if (value === undefined) return undefined;
    const place = byteString(key);
    const slot = this.#slots.get(place);
    const after: MapVersion = { value: retained(value), revision: at.index };
    if (slot?.current === undefined) {
      this.#add(place, key, after);
      return undefined;
    }
    const before = slot.current;
    slot.current = after;
    if (this.observer !== undefined) this.#changes.push({ type: 'update', slot, before, after });
    return before.value;
  }

  #insert(key: Uint8Array, value: Uint8Array | undefined, at: LogPosition): Uint8Array | undefined {
    if (value === undefined) return undefined;
    const place = byteString(key);
    const existing = this.#slots.get(place)?.current;
    if (existing !== undefined) return existing.value;
    this.#add(place, key, { value: retained(value), revision: at.index });
    return undefined;
  }

  #updateIf(key: Uint8Array, value: Uint8Array, expected: Uint8Array, at: LogPosition): boolean {
    if (!this.#holds(key, expected)) return false;
    this.#set(key, value, at);
    return true;
  }

  #remove(key: Uint8Array): Uint8Array | undefined {
    const place = byteString(key);
    const slot = this.#slots.get(place);
    if (slot?.current === undefined) return undefined;
    const before = slot.current;
    slot.current = undefined;
    this.#slots.delete(place);
    if (this.observer !== undefined) this.#changes.push({ type: 'remove', slot, before });
    return before.value;
  }

  #removeIf(key: Uint8Array, expected: Uint8Array): boolean {
    return this.#holds(key, expected) && this.#remove(key) !== undefined;
  }

  #clear(): void {
    for (const slot of this.#slots.values()) slot.current = undefined;
    this.#slots = new Map();
    if (this.observer !== undefined) this.#changes.push({ type: 'clear' });
  }

  #add(place: string, key: Uint8Array, after: MapVersion): void {
    const slot = new MapSlot(retained(key), after);
    this.#slots.set(place, slot);
    if (this.observer !== undefined) this.#changes.push({ type: 'insert', slot, after });
  }

  #holds(key: Uint8Array, expected: Uint8Array): boolean {
    const value = this.slot(key)?.current?.value;
    return value !== undefined && equalBytes(value, expected);
  }
}

/** Commands of maps: a value for each key where values are written; a comparison concerns one key. */
export const mapModel: StorageModel = {
  accepts({ type, keys, values, prevValue }) {
    switch (type) {
      case MessageType.UPDATE_ENTRIES_REQUEST:
        return keys.length > 0 && keys.length === values.length && (prevValue === undefined || keys.length === 1);
      case MessageType.INSERT_ENTRIES_REQUEST:
        return keys.length > 0 && keys.length === values.length;
      case MessageType.DELETE_ENTRIES_REQUEST:
        return keys.length > 0;
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return keys.length > 0 && (prevValue === undefined || keys.length === 1);
      default:
        return type === MessageType.CLEAR_ENTRIES_REQUEST;
    }
  },
  create: (kind) => new MapState(kind),
};

const nothing = new Uint8Array(0);

function first(list: readonly Uint8Array[]): Uint8Array {
  return list[0] ?? nothing;
}

/** One outcome for one key, without a list around it; else a list. */
function each(keys: readonly Uint8Array[], act: (key: Uint8Array, position: number) => Outcome): Result {
  const [key] = keys;
  return keys.length === 1 && key !== undefined ? act(key, 0) : keys.map(act);
}

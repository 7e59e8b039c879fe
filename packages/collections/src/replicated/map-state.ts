import { MessageType, type StorageKind } from '@hamok/messages';
import type { ByteReader } from '../bytes/byte-reader.js';
import { byteString, equalBytes, retained } from '../bytes/byte-string.js';
import { BadSnapshotError } from '../errors.js';
import type { StorageCommand } from './command.js';
import { Deadlines } from './deadlines.js';
import { type MapChange, type MapObserver, MapSlot, type MapVersion, SlotExpiry } from './map-slot.js';
import { OpenCuts } from './open-cuts.js';
import type { Outcome, Result } from './result.js';
import type { LogPosition, StateCut, StorageState } from './storage-state.js';

/** A replicated map of bytes to bytes, iterated in the order of insertion. */
export class MapState implements StorageState {
  observer: MapObserver | undefined;
  #slots = new Map<string, MapSlot>();
  #changes: MapChange[] = [];

  readonly #deadlines = new Deadlines<SlotExpiry>((a, b) => a.slot.place < b.slot.place);
  readonly #cuts = new OpenCuts(({ current, expiry }: MapSlot) => ({ current, deadline: expiry?.deadline ?? 0 }));

  constructor(readonly kind: StorageKind) {}

  get nextDeadline(): number {
    return this.#deadlines.earliest;
  }

  get size(): number {
    return this.#slots.size;
  }

  slot(key: Uint8Array): MapSlot | undefined {
    return this.#slots.get(byteString(key));
  }

  slots(): IterableIterator<MapSlot> {
    return this.#slots.values();
  }

  apply(command: StorageCommand, at: LogPosition): Result {
    const { type, keys, values, prevValue } = command;
    switch (type) {
      case MessageType.UPDATE_ENTRIES_REQUEST:
        if (!isConditional(command))
          return each(keys, (key, i) => this.#set(key, values[i], deadlineOf(command, at), at));
        if (!this.#meets(first(keys), command)) return false;
        this.#set(first(keys), values[0], deadlineOf(command, at), at);
        return true;
      case MessageType.INSERT_ENTRIES_REQUEST:
        return each(keys, (key, i) => this.#insert(key, values[i], deadlineOf(command, at), at));
      case MessageType.DELETE_ENTRIES_REQUEST:
        return each(keys, (key) => this.#remove(key, at) !== undefined);
      case MessageType.REMOVE_ENTRIES_REQUEST:
        if (prevValue === undefined) return each(keys, (key) => this.#remove(key, at));
        return this.#meets(first(keys), command) && this.#remove(first(keys), at) !== undefined;
      case MessageType.TOUCH_ENTRIES_REQUEST:
        return each(keys, (key) => this.#touch(key, deadlineOf(command, at)));
      default:
        this.#clear(at);
        return undefined;
    }
  }

  expireNext(at: LogPosition): void {
    const slot = this.#deadlines.due(at.time)?.slot;
    if (slot !== undefined) this.#take(slot, 'expire', at);
  }

  publish(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    for (const change of changes) this.observer?.(change);
  }

  cut(): StateCut {
    return this.#cuts.cut(Array.from(this.#slots.values()), (slot, { current, deadline }, writer) => {
      if (current === undefined) return;
      writer.bytes(slot.key);
      writer.bytes(current.value);
      writer.varint(current.revision);
      writer.varint(deadline);
    });
  }

  restore(record: ByteReader): void {
    const place = byteString(record.bytes());
    const slot = new MapSlot(place, { value: record.bytes().slice(), revision: record.varint() });
    if (this.#slots.has(place)) throw new BadSnapshotError('a key occurs twice');
    this.#slots.set(place, slot);
    this.#setDeadline(slot, record.varint());
  }

  #set(key: Uint8Array, value: Uint8Array | undefined, deadline: number, at: LogPosition): Uint8Array | undefined {
    if (value === undefined) return undefined;
    const place = byteString(key);
    const slot = this.#slots.get(place);
    const after: MapVersion = { value: retained(value), revision: at.index };
    if (slot?.current === undefined) {
      this.#add(place, after, deadline);
      return undefined;
    }
    const before = slot.current;
    this.#cuts.changing(slot);
    slot.current = after;
    this.#setDeadline(slot, deadline);
    if (this.observer !== undefined) this.#changes.push({ type: 'update', slot, before, after, revision: at.index });
    return before.value;
  }

  #insert(key: Uint8Array, value: Uint8Array | undefined, deadline: number, at: LogPosition): Uint8Array | undefined {
    if (value === undefined) return undefined;
    const place = byteString(key);
    const existing = this.#slots.get(place)?.current;
    if (existing !== undefined) return existing.value;
    this.#add(place, { value: retained(value), revision: at.index }, deadline);
    return undefined;
  }

  #touch(key: Uint8Array, deadline: number): boolean {
    const slot = this.slot(key);
    if (slot === undefined) return false;
    this.#cuts.changing(slot);
    this.#setDeadline(slot, deadline);
    return true;
  }

  #remove(key: Uint8Array, at: LogPosition): Uint8Array | undefined {
    const place = byteString(key);
    const slot = this.#slots.get(place);
    return slot && this.#take(slot, 'remove', at);
  }

  #clear(at: LogPosition): void {
    for (const slot of this.#slots.values()) {
      this.#cuts.changing(slot);
      slot.current = undefined;
      slot.expiry = undefined;
    }
    this.#slots = new Map();
    this.#deadlines.clear();
    if (this.observer !== undefined) this.#changes.push({ type: 'clear', revision: at.index });
  }

  #add(place: string, after: MapVersion, deadline: number): void {
    const slot = new MapSlot(place, after);
    this.#slots.set(place, slot);
    this.#setDeadline(slot, deadline);
    if (this.observer !== undefined) this.#changes.push({ type: 'insert', slot, after, revision: after.revision });
  }

  #take(slot: MapSlot, type: 'remove' | 'expire', at: LogPosition): Uint8Array | undefined {
    const before = slot.current;
    if (before === undefined) return undefined;
    this.#cuts.changing(slot);
    slot.current = undefined;
    this.#slots.delete(slot.place);
    this.#setDeadline(slot, 0);
    if (this.observer !== undefined) this.#changes.push({ type, slot, before, revision: at.index });
    return before.value;
  }

  /** @param deadline 0 for none */
  #setDeadline(slot: MapSlot, deadline: number): void {
    if (deadline !== 0) {
      slot.expiry ??= new SlotExpiry(slot);
      this.#deadlines.set(slot.expiry, deadline);
    } else if (slot.expiry !== undefined) {
      this.#deadlines.delete(slot.expiry);
      slot.expiry = undefined;
    }
  }

  #meets(key: Uint8Array, { prevValue, revision }: StorageCommand): boolean {
    const current = this.slot(key)?.current;
    if (prevValue !== undefined) return current !== undefined && equalBytes(current.value, prevValue);
    return (current?.revision ?? absent) === revision;
  }
}

/** The expected revision of a key that must not be taken. */
export const absent = -1;

export function isConditional({ prevValue, revision }: StorageCommand): boolean {
  return prevValue !== undefined || revision !== undefined;
}

/** When what a command writes ends, in ms of log time; 0 for never. */
function deadlineOf({ ttlInMs }: StorageCommand, at: LogPosition): number {
  return ttlInMs === undefined ? 0 : Math.min(at.time + ttlInMs, Number.MAX_SAFE_INTEGER);
}

const nothing = new Uint8Array(0);

function first(list: readonly Uint8Array[]): Uint8Array {
  return list[0] ?? nothing;
}

/** One outcome for one key, without a list around it; else a list. */
function each(keys: readonly Uint8Array[], act: (key: Uint8Array, position: number) => Outcome): Result {
  const [key] = keys;
  return keys.length === 1 && key !== undefined ? act(key, 0) : keys.map(act);
}

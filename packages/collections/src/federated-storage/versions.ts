import { byteString, bytesOf } from '../bytes/byte-string.js';
import { decodeText, encodeText } from '../bytes/utf8.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import { takeOut } from '../storage-grid/take-out.js';

/** The length of the writer's name comes first, in two bytes. */
const lengthBytes = 2;

/** Where one writer's version of a key is held: the writer's name, then the key. Another participation is another writer. */
export function slotOf(writerId: string, key: string): string {
  return prefixOf(writerId) + key;
}

/** Undefined for what is no such slot, as only a member that keeps to no rule sends one. */
export function splitSlot(slot: string): { readonly writerId: string; readonly key: string } | undefined {
  const end = lengthBytes + slot.charCodeAt(0) * 256 + slot.charCodeAt(1);
  if (!(end <= slot.length)) return undefined;
  return { writerId: decodeText(bytesOf(slot.slice(lengthBytes, end))), key: slot.slice(end) };
}

/** In the order of their writers' names, which is the same on every member. */
export function byWriter(versions: ReadonlyMap<string, string>): [slot: string, value: string][] {
  return [...versions].sort(([a], [b]) => (a < b ? -1 : 1));
}

function prefixOf(writerId: string): string {
  const writer = byteString(encodeText(writerId));
  return String.fromCharCode(writer.length >> 8, writer.length & 0xff) + writer;
}

/** The versions that one participant holds: its own, and those that it restored of writers that left. */
export class HeldVersions {
  readonly #grid: EntryGrid;
  readonly #ownPrefix: string;
  /** Slots of versions that are not this participant's own, by key. */
  readonly #adopted = new Map<string, Set<string>>();

  constructor(grid: EntryGrid) {
    this.#grid = grid;
    this.#ownPrefix = prefixOf(grid.self.id);
  }

  isOf(grid: EntryGrid): boolean {
    return grid === this.#grid;
  }

  ownSlot(key: string): string {
    return this.#ownPrefix + key;
  }

  own(key: string): string | undefined {
    return this.#grid.held.get(this.ownSlot(key));
  }

  isOwn(slot: string): boolean {
    return slot.startsWith(this.#ownPrefix);
  }

  adopt(slot: string): void {
    const key = splitSlot(slot)?.key;
    if (key === undefined) return;
    const slots = this.#adopted.get(key);
    if (slots === undefined) this.#adopted.set(key, new Set([slot]));
    else slots.add(slot);
  }

  /** All versions of these keys that are held here, or of all keys. */
  *of(keys: readonly string[] | undefined): IterableIterator<readonly [slot: string, value: string]> {
    if (keys === undefined) return yield* this.#grid.held.entries();
    for (const slot of this.#slotsOf(keys)) {
      const value = this.#grid.held.get(slot);
      if (value !== undefined) yield [slot, value];
    }
  }

  /** Takes out what `of` gives, and resolves when that is acknowledged, and what is being deleted of these keys already. */
  async takeOut(keys: readonly string[] | undefined): Promise<(readonly [string, string])[]> {
    const versions: (readonly [string, string])[] = [];
    const { held } = this.#grid;
    const slots = keys === undefined ? [...new Set([...held.slots(), ...held.leaving()])] : [...this.#slotsOf(keys)];
    await takeOut(this.#grid, slots, (slot, value) => {
      if (keys !== undefined) versions.push([slot, value]);
    });
    for (const slot of slots) this.#forget(slot);
    return versions;
  }

  *#slotsOf(keys: readonly string[]): IterableIterator<string> {
    for (const key of keys) {
      yield this.ownSlot(key);
      yield* this.#adopted.get(key) ?? [];
    }
  }

  #forget(slot: string): void {
    const key = splitSlot(slot)?.key;
    if (key === undefined || this.isOwn(slot) || this.#grid.held.has(slot) || this.#grid.held.isLeaving(slot)) return;
    const slots = this.#adopted.get(key);
    slots?.delete(slot);
    if (slots?.size === 0) this.#adopted.delete(key);
  }
}

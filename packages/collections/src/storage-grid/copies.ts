import type { Participant } from './view.js';

/** A copy of an entry without its value. */
export const keyOnly = Symbol('key only');
export type Copy = string | typeof keyOnly;

interface Found {
  readonly holder: Participant;
  readonly copy: Copy;
}

/** What is kept here of entries that others hold, or held before they left: one copy a slot. */
export class Copies {
  readonly #byHolder = new Map<Participant, Map<string, Copy>>();

  /** How many there are with their values, and how many without. */
  count(): { readonly backups: number; readonly witnesses: number } {
    let backups = 0;
    let witnesses = 0;
    for (const copies of this.#byHolder.values())
      for (const copy of copies.values())
        if (copy === keyOnly) witnesses++;
        else backups++;
    return { backups, witnesses };
  }

  holders(): IterableIterator<Participant> {
    return this.#byHolder.keys();
  }

  of(holder: Participant): ReadonlyMap<string, Copy> {
    return this.#byHolder.get(holder) ?? none;
  }

  find(slot: string): Found | undefined {
    for (const [holder, copies] of this.#byHolder) {
      const copy = copies.get(slot);
      if (copy !== undefined) return { holder, copy };
    }
    return undefined;
  }

  /** In the place of whatever there was for the slot. */
  set(holder: Participant, slot: string, copy: Copy): void {
    this.replace(this.find(slot)?.holder, holder, slot, copy);
  }

  /** As `set`, where the caller knows whose copy there is, if any. */
  replace(before: Participant | undefined, holder: Participant, slot: string, copy: Copy): void {
    if (before !== undefined && before !== holder) this.delete(before, slot);
    let copies = this.#byHolder.get(holder);
    if (copies === undefined) {
      copies = new Map();
      this.#byHolder.set(holder, copies);
    }
    copies.set(slot, copy);
  }

  delete(holder: Participant, slot: string): void {
    const copies = this.#byHolder.get(holder);
    if (copies?.delete(slot) === true && copies.size === 0) this.#byHolder.delete(holder);
  }

  /** Whoever goes through those of a holder is at the end. */
  clear(): void {
    for (const copies of this.#byHolder.values()) copies.clear();
    this.#byHolder.clear();
  }
}

const none: ReadonlyMap<string, Copy> = new Map();

import { Deadlines, type Timed } from './deadlines.js';
import type { LogPosition, StorageState } from './storage-state.js';

class StorageDeadline implements Timed {
  deadline = Number.POSITIVE_INFINITY;
  place = -1;

  constructor(
    readonly id: string,
    readonly storage: StorageState,
  ) {}
}

/** Which storage has something due when. What is due at one time happens in the order of the storages' ids. */
export class Agenda {
  readonly #deadlines = new Deadlines<StorageDeadline>((a, b) => a.id < b.id);
  readonly #known = new Map<StorageState, StorageDeadline>();

  /** The earliest deadline, in ms of log time; `Infinity` when nothing is to come. */
  get earliest(): number {
    return this.#deadlines.earliest;
  }

  /** Takes note of what a storage has due next: to be called whenever that may have changed. */
  note(id: string, storage: StorageState): void {
    const deadline = storage.nextDeadline;
    let known = this.#known.get(storage);
    if (known === undefined) {
      if (deadline === Number.POSITIVE_INFINITY) return;
      known = new StorageDeadline(id, storage);
      this.#known.set(storage, known);
    }
    if (deadline === Number.POSITIVE_INFINITY) this.#deadlines.delete(known);
    else if (deadline !== known.deadline) this.#deadlines.set(known, deadline);
  }

  /** Carries out what is due at that position, one after another. Gives the storages that it changed, each once. */
  carryOut(at: LogPosition): ReadonlySet<StorageState> {
    const changed = new Set<StorageState>();
    for (let due = this.#deadlines.due(at.time); due !== undefined; due = this.#deadlines.due(at.time)) {
      due.storage.expireNext(at);
      changed.add(due.storage);
      this.note(due.id, due.storage);
    }
    return changed;
  }
}

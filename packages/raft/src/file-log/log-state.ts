import type { Configuration } from '../core/configuration.js';
import { type LogPosition, origin } from '../core/entry.js';
import type { LogOwner, StoredHardState } from '../ports/log-store.js';
import type { Durability } from './durability.js';
import { BadRecord, type Compaction, type Head } from './records.js';

/** What the records so far make of a log, but for the entries themselves: the same where they are written and where they are read. */
export class LogState {
  owner: LogOwner | undefined;
  durability: Durability;
  hardState: StoredHardState;
  base: LogPosition;
  configuration: Configuration;
  lastIndex: number;
  /** Terms only grow along a log: where each begins, of the entries that are known. */
  #terms: { readonly index: number; readonly term: number }[] = [];

  constructor({ owner, durability, hardState, base, configuration, lastIndex, begins }: Omit<Head, 'previousBytes'>) {
    this.owner = owner;
    this.durability = durability;
    this.hardState = hardState;
    this.base = base;
    this.configuration = configuration;
    this.lastIndex = begins ? base.index : lastIndex;
  }

  static empty(durability: Durability): LogState {
    const configuration = { voters: [], learners: [] };
    const hardState = { term: 0, vote: undefined };
    return new LogState({
      begins: true,
      owner: undefined,
      durability,
      hardState,
      base: origin,
      configuration,
      lastIndex: -1,
    });
  }

  /** An entry replaces those from its index on. */
  append({ index, term }: LogPosition): void {
    if (index <= this.base.index || index > this.lastIndex + 1) {
      throw new BadRecord(`entry ${index} in a log from ${this.base.index + 1} to ${this.lastIndex}`);
    }
    while ((this.#terms[this.#terms.length - 1]?.index ?? -1) >= index) this.#terms.pop();
    const last = this.#terms[this.#terms.length - 1]?.term ?? this.base.term;
    if (term < last) throw new BadRecord(`entry ${index} of term ${term} after one of ${last}`);
    if (term !== last || this.#terms.length === 0) this.#terms.push({ index, term });
    this.lastIndex = index;
  }

  persist(hardState: StoredHardState): void {
    if (hardState.term < this.hardState.term) {
      throw new BadRecord(`term ${hardState.term} after ${this.hardState.term}`);
    }
    this.hardState = hardState;
  }

  /** Whether the entry at a position is the one that a snapshot ends with (paper §7). */
  holds({ index, term }: LogPosition): boolean {
    if (index > this.lastIndex) return false;
    return this.#terms.findLast((run) => run.index <= index)?.term === term;
  }

  compact({ base, configuration, keeps }: Compaction): void {
    if (base.index <= this.base.index || (keeps && base.index > this.lastIndex)) {
      throw new BadRecord(`compaction to ${base.index} in a log from ${this.base.index + 1} to ${this.lastIndex}`);
    }
    const run = this.#terms.findLast(({ index }) => index <= base.index);
    this.base = base;
    this.configuration = configuration;
    this.#terms = keeps ? this.#terms.filter((term) => term === run || term.index > base.index) : [];
    if (!keeps) this.lastIndex = base.index;
  }

  head(begins: boolean, previousBytes: number): Head {
    const { owner, durability, hardState, base, configuration, lastIndex } = this;
    return { begins, owner, durability, hardState, base, configuration, lastIndex, previousBytes };
  }
}

import type { Configuration } from '../core/configuration.js';
import type { Entry, LogPosition } from '../core/entry.js';
import type { LogAppend, LogContents, LogOwner, LogStore, StoredHardState, StoredLog } from '../ports/log-store.js';

/** Keeps a log in memory: it survives a stop and a start of its member within one process, and nothing else. */
export class MemoryLog implements LogStore {
  #owner: LogOwner | undefined;
  #hardState: StoredHardState = { term: 0, vote: undefined };
  #base: LogPosition | undefined;
  #configuration: Configuration = { voters: [], learners: [] };
  #entries: Entry[] = [];

  async open(): Promise<StoredLog | undefined> {
    if (!this.#owner || !this.#base) return undefined;
    return {
      owner: this.#owner,
      hardState: this.#hardState,
      base: this.#base,
      configuration: this.#configuration,
      entries: [...this.#entries],
      complete: true,
    };
  }

  async begin({ owner, hardState, base, configuration, entries }: LogContents): Promise<void> {
    this.#owner = owner;
    this.#hardState = hardState;
    this.#base = base;
    this.#configuration = configuration;
    this.#entries = [...entries];
  }

  append({ hardState, entries }: LogAppend): undefined {
    if (hardState) this.#hardState = hardState;
    const [first] = entries;
    if (!first || !this.#base) return;
    this.#entries.length = Math.max(0, first.index - this.#base.index - 1);
    for (const entry of entries) if (entry.index > this.#base.index) this.#entries.push(entry);
  }

  compact(position: LogPosition, configuration: Configuration): undefined {
    if (!this.#base || position.index <= this.#base.index) return;
    const covered = position.index - this.#base.index;
    const agrees = this.#entries[covered - 1]?.term === position.term;
    this.#entries = agrees ? this.#entries.slice(covered) : [];
    this.#base = position;
    this.#configuration = configuration;
  }

  async clear(): Promise<void> {
    this.#owner = undefined;
  }

  async close(): Promise<void> {}
}

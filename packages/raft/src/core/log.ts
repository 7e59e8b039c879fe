import type { MemberId } from '../identity/member-id.js';
import { assert } from './assertions.js';
import { type Configuration, memberChanges } from './configuration.js';
import { type Entry, type LogPosition, origin } from './entry.js';

/**
 * The log in memory: what lies behind `base` is compacted (covered by a snapshot), what follows is here.
 * compacted <= applied <= committed <= last, and persisted <= last.
 */
export class RaftLog {
  #base: LogPosition;
  #baseConfiguration: Configuration;
  /** No entry between this one and the base removed a member. */
  #lastRemovalUpToBase: number;
  #entries: Entry[] = [];
  #configurationIndexes: number[] = [];
  #bytes = 0;
  #commitIndex: number;
  #appliedIndex: number;
  #persistedIndex: number;
  /** First index that no Ready has handed out for persistence yet. */
  #unstableIndex: number;

  constructor(configuration: Configuration, base: LogPosition = origin) {
    this.#base = base;
    this.#baseConfiguration = configuration;
    this.#lastRemovalUpToBase = base.index;
    this.#commitIndex = base.index;
    this.#appliedIndex = base.index;
    this.#persistedIndex = base.index;
    this.#unstableIndex = base.index + 1;
  }

  /** The position up to which the log is compacted. */
  get base(): LogPosition {
    return this.#base;
  }

  get firstIndex(): number {
    return this.#base.index + 1;
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  get last(): LogPosition {
    return this.get(this.lastIndex) ?? this.#base;
  }

  get commitIndex(): number {
    return this.#commitIndex;
  }

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  /** Up to here the log is durable on this member, at the level its store promises. */
  get persistedIndex(): number {
    return this.#persistedIndex;
  }

  /** Bytes of the entries held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The configuration in force: the latest in the log, committed or not (thesis §4.1). */
  get configuration(): Configuration {
    return this.configurationAt(this.lastIndex);
  }

  /** Where the configuration in force stands; the base's index when no entry changed it. */
  get configurationIndex(): number {
    return this.#configurationIndexes.at(-1) ?? this.#base.index;
  }

  /** The configuration as of an index that is not compacted. */
  configurationAt(index: number): Configuration {
    for (let i = this.#configurationIndexes.length - 1; i >= 0; i--) {
      const at = this.#configurationIndexes[i] ?? 0;
      if (at <= index) return this.get(at)?.configuration ?? this.#baseConfiguration;
    }
    return this.#baseConfiguration;
  }

  /**
   * No entry after this one removed the member. It is exact where the log has the removal; from what is compacted, it is the last removal of
   * any member, and of what this log never had, the end.
   */
  lastRemovalOf(member: MemberId): number {
    return this.#lastRemoval(this.lastIndex, (left) => left.includes(member));
  }

  #lastRemoval(upTo: number, isMeant: (left: readonly MemberId[]) => boolean): number {
    let before = this.#baseConfiguration;
    let last = this.#lastRemovalUpToBase;
    for (const index of this.#configurationIndexes) {
      if (index > upTo) break;
      const after = this.configurationAt(index);
      if (isMeant(memberChanges(before, after).left)) last = index;
      before = after;
    }
    return last;
  }

  get(index: number): Entry | undefined {
    const at = index - this.#base.index - 1;
    // Asked for an element before its first, an array looks for a property of that name, which is slow here and ever after.
    return at < 0 ? undefined : this.#entries[at];
  }

  /** The term at an index; undefined where the log has none: compacted away, or not there yet. */
  termAt(index: number): number | undefined {
    return index === this.#base.index ? this.#base.term : this.get(index)?.term;
  }

  /** Whether a log that ends at (`term`, `index`) is at least as up to date as this one (paper §5.4.1). */
  isUpToDate(index: number, term: number): boolean {
    const last = this.last;
    return term > last.term || (term === last.term && index >= last.index);
  }

  /**
   * The largest index not above `index` whose term is not above `term`: no entry after it can be common with a log
   * that has `term` at `index`. The base where all that is left is compacted.
   */
  lastIndexNotAbove(index: number, term: number): number {
    let candidate = Math.min(index, this.lastIndex);
    while (candidate > this.#base.index && (this.termAt(candidate) ?? 0) > term) candidate--;
    return candidate;
  }

  /** Entries from `from`, at least one if there is one, then up to the limits. */
  slice(from: number, maxEntries: number, maxBytes: number): Entry[] {
    const start = from - this.#base.index - 1;
    const end = Math.min(this.#entries.length, start + maxEntries);
    let bytes = 0;
    let stop = start;
    for (; stop < end; stop++) {
      bytes += this.#entries[stop]?.data.byteLength ?? 0;
      if (bytes > maxBytes && stop > start) break;
    }
    return this.#entries.slice(start, stop);
  }

  /** Adds an entry at the end. */
  append(entry: Entry): void {
    assert(entry.index === this.lastIndex + 1, () => `entry ${entry.index} appended after ${this.lastIndex}`);
    assert(entry.term >= this.last.term, () => `term ${entry.term} appended after ${this.last.term}`);
    this.#entries.push(entry);
    this.#bytes += entry.data.byteLength;
    if (entry.kind === 'configuration') this.#configurationIndexes.push(entry.index);
  }

  /**
   * Takes over what a leader sent: entries that are here already are kept, a conflicting one goes with everything after
   * it (paper §5.3). The entries follow a position that was found to match.
   */
  merge(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const term = this.termAt(entry.index);
      if (term === entry.term) continue;
      if (term !== undefined) this.#truncateFrom(entry.index);
      this.append(entry);
    }
  }

  #truncateFrom(index: number): void {
    assert(index > this.#commitIndex, () => `conflict at ${index}, which is committed (${this.#commitIndex})`);
    for (const dropped of this.#entries.splice(index - this.#base.index - 1)) this.#bytes -= dropped.data.byteLength;
    while (this.configurationIndex >= index) this.#configurationIndexes.pop();
    this.#persistedIndex = Math.min(this.#persistedIndex, index - 1);
    this.#unstableIndex = Math.min(this.#unstableIndex, index);
  }

  commitTo(index: number): void {
    assert(index <= this.lastIndex, () => `commit ${index} beyond the log's end ${this.lastIndex}`);
    if (index > this.#commitIndex) this.#commitIndex = index;
  }

  appliedTo(index: number): void {
    assert(
      index >= this.#appliedIndex && index <= this.#commitIndex,
      () => `applied ${index}, committed ${this.#commitIndex}`,
    );
    this.#appliedIndex = index;
  }

  /** Says that the entry (`index`, `term`) and all before it are durable. Ignored if it was replaced in the meantime. */
  persistedTo(index: number, term: number): void {
    if (index > this.#persistedIndex && this.termAt(index) === term) this.#persistedIndex = index;
  }

  /** Entries that were not handed out for persistence yet. */
  takeUnstable(): Entry[] {
    if (this.#unstableIndex > this.lastIndex) return [];
    const entries = this.#entries.slice(this.#unstableIndex - this.#base.index - 1);
    this.#unstableIndex = this.lastIndex + 1;
    return entries;
  }

  /** Forgets the entries up to an applied index, which a snapshot covers. */
  compactTo(index: number): void {
    assert(index <= this.#appliedIndex, () => `compaction to ${index} beyond applied ${this.#appliedIndex}`);
    const entry = this.get(index);
    if (!entry) return;
    this.#lastRemovalUpToBase = this.#lastRemoval(index, (left) => left.length > 0);
    this.#baseConfiguration = this.configurationAt(index);
    this.#configurationIndexes = this.#configurationIndexes.filter((at) => at > index);
    for (const dropped of this.#entries.splice(0, index - this.#base.index)) this.#bytes -= dropped.data.byteLength;
    this.#base = { index, term: entry.term, time: entry.time };
    this.#persistedIndex = Math.max(this.#persistedIndex, index);
  }

  /** Starts over behind a snapshot. Entries after it are kept where the log agrees with it (paper §7). */
  restore(position: LogPosition, configuration: Configuration): void {
    assert(
      position.index > this.#commitIndex,
      () => `snapshot ${position.index} behind the commit ${this.#commitIndex}`,
    );
    if (this.termAt(position.index) === position.term) {
      this.#commitIndex = position.index;
      this.#appliedIndex = position.index;
      this.compactTo(position.index);
      return;
    }
    this.#lastRemovalUpToBase = position.index;
    this.#base = position;
    this.#baseConfiguration = configuration;
    this.#entries = [];
    this.#configurationIndexes = [];
    this.#bytes = 0;
    this.#commitIndex = position.index;
    this.#appliedIndex = position.index;
    this.#persistedIndex = position.index;
    this.#unstableIndex = position.index + 1;
  }
}

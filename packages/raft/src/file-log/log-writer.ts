import { join } from 'node:path';
import type { Configuration } from '../core/configuration.js';
import type { Entry, LogPosition } from '../core/entry.js';
import type { LogContents, StoredHardState } from '../ports/log-store.js';
import type { Durability } from './durability.js';
import type { FileSystem } from './file-system.js';
import { recordTypes, segmentName, unfinishedName } from './format.js';
import { LogState } from './log-state.js';
import { type Compaction, encodeCompaction, encodeHardState, encodeHead, encodeOpen, entryBytes } from './records.js';
import type { Recovered } from './recovery.js';
import type { SegmentSummary } from './replay.js';
import { SegmentWriter } from './segment-writer.js';
import { SyncMarkWriter } from './sync-mark.js';

/** A segment that is complete. */
type Segment = Pick<SegmentSummary, 'path' | 'length' | 'lastIndex'>;

const nothing = new Uint8Array(0);

/** Writes a log segment after segment, and removes those that are not needed any more. Calls are made one after another. */
export class LogWriter {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #mark: SyncMarkWriter;
  #state: LogState;
  /** Those before the one that is written. */
  #segments: Segment[];
  #sequence: number;
  #current: SegmentWriter | undefined;

  constructor(
    fileSystem: FileSystem,
    directory: string,
    segmentBytes: number,
    { state, segments, lastSequence }: Recovered,
  ) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    this.#mark = new SyncMarkWriter(fileSystem, directory);
    this.#state = state ?? LogState.empty('always');
    this.#segments = [...segments];
    this.#sequence = lastSequence;
  }

  /** Goes on behind what was recovered: cuts off what a crash left of a write, and puts on the disk what is not there yet. */
  async resume(durability: Durability): Promise<void> {
    const last = this.#segments.pop();
    if (!last) return;
    const found = await this.#fileSystem.read(last.path);
    this.#current = new SegmentWriter(this.#sequence, await this.#fileSystem.open(last.path, last.length));
    await this.#current.rewrite(found.subarray(0, last.length), last.lastIndex);
    this.#state.durability = durability;
    await this.#current.put(recordTypes.open, encodeOpen(durability));
    await this.sync();
  }

  /** Begins a log in place of the one before: after a crash there is either. */
  async begin({ owner, hardState, base, configuration, entries }: LogContents, durability: Durability): Promise<void> {
    const state = { begins: true, owner, durability, hardState, base, configuration, lastIndex: base.index };
    await this.#replace(new LogState(state), entries);
  }

  /** After a crash there is a log that belongs to nobody, or the one before. */
  async clear(): Promise<void> {
    if (this.#state.owner === undefined) return;
    await this.#replace(LogState.empty(this.#state.durability), []);
  }

  async hardState(hardState: StoredHardState): Promise<void> {
    this.#state.persist(hardState);
    await this.#current?.put(recordTypes.hardState, encodeHardState(hardState));
  }

  async entries(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      const bytes = entryBytes(entry);
      if (this.#current?.isFull(bytes, this.#segmentBytes)) await this.#roll(this.#current);
      if (this.#current?.hasRoom(bytes) === false) await this.#current.makeRoom(bytes);
      this.#state.append(entry);
      this.#current?.putEntry(entry);
    }
  }

  /** Returns whether it freed segments, which `drop` removes once this is on the disk. Nothing where it is compacted further already. */
  async compact(base: LogPosition, configuration: Configuration): Promise<boolean> {
    if (base.index <= this.#state.base.index) return false;
    const compaction: Compaction = { base, configuration, keeps: this.#state.holds(base) };
    this.#state.compact(compaction);
    await this.#current?.put(recordTypes.compaction, encodeCompaction(compaction));
    return this.#isCovered(this.#segments[0]);
  }

  /** Removes segments whose entries are all behind the base, the oldest first. */
  async drop(): Promise<void> {
    for (let [oldest] = this.#segments; oldest && this.#isCovered(oldest); [oldest] = this.#segments) {
      await this.#fileSystem.remove(oldest.path);
      this.#segments.shift();
    }
  }

  /** Hands everything to the operating system. */
  async flush(): Promise<void> {
    await this.#current?.flush();
  }

  /** Puts everything on the disk. */
  async sync(): Promise<void> {
    if (!this.#current || this.#current.isSynced) return;
    await this.#current.sync();
    await this.#setMark(this.#current);
  }

  /** Says that the run ended in order. */
  async end(): Promise<void> {
    await this.#current?.put(recordTypes.close, nothing);
    await this.sync();
  }

  async close(): Promise<void> {
    try {
      await this.#closeCurrent();
    } finally {
      await this.#mark.close();
    }
  }

  async #closeCurrent(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.close();
  }

  #isCovered(segment: Segment | undefined): boolean {
    return segment !== undefined && segment.lastIndex <= this.#state.base.index;
  }

  async #replace(state: LogState, entries: readonly Entry[]): Promise<void> {
    const old = this.#segments.map(({ path }) => path);
    if (this.#current) old.push(this.#pathOf(this.#sequence));
    await this.#closeCurrent();
    this.#segments = [];
    this.#state = state;
    await this.#create(true, 0, entries);
    for (const path of old) await this.#fileSystem.remove(path);
  }

  async #roll(full: SegmentWriter): Promise<void> {
    await this.sync();
    await this.#closeCurrent();
    const { length, lastIndex, sequence } = full;
    this.#segments.push({ path: this.#pathOf(sequence), length, lastIndex });
    await this.#create(false, length, []);
  }

  /** A segment gets its name once what it begins with is on the disk. */
  async #create(begins: boolean, previousBytes: number, entries: readonly Entry[]): Promise<void> {
    this.#sequence++;
    const unfinished = join(this.#directory, unfinishedName(this.#sequence));
    const current = new SegmentWriter(this.#sequence, await this.#fileSystem.create(unfinished));
    this.#current = current;
    await current.begin(encodeHead(this.#state.head(begins, previousBytes)));
    for (const entry of entries) {
      const bytes = entryBytes(entry);
      if (!current.hasRoom(bytes)) await current.makeRoom(bytes);
      this.#state.append(entry);
      current.putEntry(entry);
    }
    current.begun();
    await current.sync();
    await this.#fileSystem.rename(unfinished, this.#pathOf(this.#sequence));
    await this.#fileSystem.syncDirectory(this.#directory);
    await this.#setMark(current);
  }

  /** Nobody waits for it to be written, but the next one. */
  async #setMark({ sequence, length }: SegmentWriter): Promise<void> {
    await this.#mark.written();
    this.#mark.write({ sequence, length });
  }

  #pathOf(sequence: number): string {
    return join(this.#directory, segmentName(sequence));
  }
}

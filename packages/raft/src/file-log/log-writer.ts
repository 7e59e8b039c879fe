import { join } from 'node:path';
import type { Configuration } from '../core/configuration.js';
import type { Entry, LogPosition } from '../core/entry.js';
import type { HardState } from '../core/options.js';
import type { LogContents } from '../ports/log-store.js';
import type { Durability } from './durability.js';
import type { FileSystem, WritableFile } from './file-system.js';
import {
  encodePreamble,
  preambleBytes,
  recordBytes,
  recordHeadBytes,
  recordTypes,
  sealRecord,
  segmentName,
  unfinishedName,
  viewOf,
} from './format.js';
import { LogState } from './log-state.js';
import {
  type Compaction,
  encodeCompaction,
  encodeHardState,
  encodeHead,
  encodeOpen,
  entryBytes,
  writeEntry,
} from './records.js';
import type { Recovered } from './recovery.js';
import type { SegmentSummary } from './replay.js';
import { SyncMarkWriter } from './sync-mark.js';

/** A segment that is complete. */
type Segment = Pick<SegmentSummary, 'path' | 'length' | 'lastIndex'>;

/** Writes are collected up to so many bytes. */
const bufferBytes = 256 * 1024;

const nothing = new Uint8Array(0);

/** Writes records to the last segment of a log, and begins the next one when that is full. Calls are made one after another. */
export class LogWriter {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #mark: SyncMarkWriter;
  #state: LogState;
  /** Those before the one that is written. */
  #segments: Segment[];
  #sequence: number;
  #file: WritableFile | undefined;
  /** Where the next record begins. */
  #offset = 0;
  /** Behind what the segment began with. */
  #beginning = 0;
  /** Up to here the segment is on the disk. */
  #synced = 0;
  #lastIndexHere = -1;
  #buffer = new Uint8Array(bufferBytes);
  #view = viewOf(this.#buffer);
  #buffered = 0;

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

  /**
   * Goes on behind what was recovered: cuts off what a crash left of a write, and puts on the disk what is not there yet. All of the
   * segment is written again: after a sync that failed, systems take for written what no disk has.
   */
  async resume(durability: Durability): Promise<void> {
    const last = this.#segments.pop();
    if (!last) return;
    const found = await this.#fileSystem.read(last.path);
    this.#file = await this.#fileSystem.open(last.path, last.length);
    await this.#file.append(found.subarray(0, last.length));
    this.#offset = last.length;
    this.#lastIndexHere = last.lastIndex;
    this.#beginning = preambleBytes;
    await this.#file.sync();
    this.#synced = last.length;
    this.#state.durability = durability;
    await this.#put(recordTypes.open, encodeOpen(durability));
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

  async hardState(hardState: HardState): Promise<void> {
    this.#state.persist(hardState);
    await this.#put(recordTypes.hardState, encodeHardState(hardState));
  }

  async entries(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      await this.#roomInSegment(entryBytes(entry));
      await this.#putEntry(entry);
    }
  }

  /** Returns whether it freed segments, which `drop` removes once this is on the disk. Nothing where it is compacted further already. */
  async compact(base: LogPosition, configuration: Configuration): Promise<boolean> {
    if (base.index <= this.#state.base.index) return false;
    const compaction: Compaction = { base, configuration, keeps: this.#state.holds(base) };
    this.#state.compact(compaction);
    await this.#put(recordTypes.compaction, encodeCompaction(compaction));
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
    if (this.#buffered === 0) return;
    const bytes = this.#buffer.subarray(0, this.#buffered);
    this.#buffered = 0;
    await this.#file?.append(bytes);
  }

  /** Puts everything on the disk. */
  async sync(): Promise<void> {
    await this.flush();
    if (this.#synced === this.#offset) return;
    await this.#syncFile();
    await this.#setMark();
  }

  /** Says that the run ended in order. */
  async end(): Promise<void> {
    await this.#put(recordTypes.close, nothing);
    await this.sync();
  }

  async close(): Promise<void> {
    try {
      await this.#closeFile();
    } finally {
      await this.#mark.close();
    }
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #syncFile(): Promise<void> {
    await this.#file?.sync();
    this.#synced = this.#offset;
  }

  async #setMark(): Promise<void> {
    await this.#mark.write({ sequence: this.#sequence, length: this.#synced });
  }

  #isCovered(segment: Segment | undefined): boolean {
    return segment !== undefined && segment.lastIndex <= this.#state.base.index;
  }

  async #replace(state: LogState, entries: readonly Entry[]): Promise<void> {
    const old = this.#segments.map(({ path }) => path);
    if (this.#file) old.push(join(this.#directory, segmentName(this.#sequence)));
    this.#buffered = 0;
    await this.#closeFile();
    this.#segments = [];
    this.#state = state;
    await this.#create(true, 0, entries);
    for (const path of old) await this.#fileSystem.remove(path);
  }

  async #roll(): Promise<void> {
    await this.sync();
    await this.#closeFile();
    const path = join(this.#directory, segmentName(this.#sequence));
    this.#segments.push({ path, length: this.#offset, lastIndex: this.#lastIndexHere });
    await this.#create(false, this.#offset, []);
  }

  /** A segment gets its name once what it begins with is on the disk. */
  async #create(begins: boolean, previousBytes: number, entries: readonly Entry[]): Promise<void> {
    this.#sequence++;
    const unfinished = join(this.#directory, unfinishedName(this.#sequence));
    this.#file = await this.#fileSystem.create(unfinished);
    this.#offset = preambleBytes;
    this.#synced = 0;
    this.#lastIndexHere = -1;
    await this.#file.append(encodePreamble(this.#sequence));
    await this.#put(recordTypes.head, encodeHead(this.#state.head(begins, previousBytes)));
    for (const entry of entries) {
      await this.#putEntry(entry);
    }
    this.#beginning = this.#offset;
    await this.flush();
    await this.#syncFile();
    await this.#fileSystem.rename(unfinished, join(this.#directory, segmentName(this.#sequence)));
    await this.#fileSystem.syncDirectory(this.#directory);
    await this.#setMark();
  }

  /** Begins the next segment where this one is full. Every segment has room for one record at least. */
  async #roomInSegment(payloadBytes: number): Promise<void> {
    const isFull = this.#offset + recordBytes(payloadBytes) > this.#segmentBytes;
    if (isFull && this.#offset > this.#beginning) await this.#roll();
  }

  async #putEntry(entry: Entry): Promise<void> {
    this.#state.append(entry);
    const payloadBytes = entryBytes(entry);
    await this.#roomInBuffer(payloadBytes);
    writeEntry(this.#buffer, this.#view, this.#buffered + recordHeadBytes, entry);
    this.#seal(recordTypes.entry, payloadBytes);
    this.#lastIndexHere = Math.max(this.#lastIndexHere, entry.index);
  }

  async #put(type: number, payload: Uint8Array): Promise<void> {
    await this.#roomInBuffer(payload.byteLength);
    this.#buffer.set(payload, this.#buffered + recordHeadBytes);
    this.#seal(type, payload.byteLength);
  }

  async #roomInBuffer(payloadBytes: number): Promise<void> {
    const bytes = recordBytes(payloadBytes);
    if (this.#buffered + bytes <= this.#buffer.byteLength) return;
    await this.flush();
    this.#buffer = new Uint8Array(Math.max(bytes, bufferBytes));
    this.#view = viewOf(this.#buffer);
  }

  #seal(type: number, payloadBytes: number): void {
    const [sequence, offset, unsynced] = [this.#sequence, this.#offset, this.#offset - this.#synced];
    sealRecord(this.#buffer, this.#buffered, { type, payloadBytes, sequence, offset, unsynced });
    this.#buffered += recordBytes(payloadBytes);
    this.#offset += recordBytes(payloadBytes);
  }
}

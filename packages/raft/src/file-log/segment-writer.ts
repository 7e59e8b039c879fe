import type { Entry } from '../core/entry.js';
import type { WritableFile } from './file-system.js';
import {
  encodePreamble,
  preambleBytes,
  recordBytes,
  recordHeadBytes,
  recordTypes,
  sealRecord,
  viewOf,
} from './format.js';
import { entryBytes, writeEntry } from './records.js';

/** Records are collected up to so many bytes. */
const bufferBytes = 256 * 1024;

/** The segment that is being written. Calls are made one after another. */
export class SegmentWriter {
  /** Where the next record begins. */
  #offset = 0;
  /** Behind what the segment began with. */
  #beginning = preambleBytes;
  /** Up to here it is on the disk. */
  #synced = 0;
  #lastIndex = -1;
  #buffer = new Uint8Array(bufferBytes);
  #view = viewOf(this.#buffer);
  #buffered = 0;

  constructor(
    readonly sequence: number,
    private readonly file: WritableFile,
  ) {}

  /** In bytes, with what is collected. */
  get length(): number {
    return this.#offset;
  }

  /** Of the entries in there, the highest index; -1 for none. */
  get lastIndex(): number {
    return this.#lastIndex;
  }

  get isSynced(): boolean {
    return this.#synced === this.#offset;
  }

  /** Begins it. */
  async begin(head: Uint8Array): Promise<void> {
    await this.file.append(encodePreamble(this.sequence));
    this.#offset = preambleBytes;
    await this.put(recordTypes.head, head);
  }

  /** Goes on with one that is there. All of it is written again: after a sync that failed, systems take for written what no disk has. */
  async rewrite(bytes: Uint8Array, lastIndex: number): Promise<void> {
    await this.file.append(bytes);
    this.#offset = bytes.byteLength;
    this.#lastIndex = lastIndex;
    await this.sync();
  }

  /** What it holds so far is what it began with. */
  begun(): void {
    this.#beginning = this.#offset;
  }

  /** Whether a record is better begun in the next segment of about that length. Every segment has room for one record at least. */
  isFull(payloadBytes: number, segmentBytes: number): boolean {
    return this.#offset + recordBytes(payloadBytes) > segmentBytes && this.#offset > this.#beginning;
  }

  async put(type: number, payload: Uint8Array): Promise<void> {
    if (!this.hasRoom(payload.byteLength)) await this.makeRoom(payload.byteLength);
    this.#buffer.set(payload, this.#buffered + recordHeadBytes);
    this.#seal(type, payload.byteLength);
  }

  /** There has to be room for it. */
  putEntry(entry: Entry): void {
    const payloadBytes = entryBytes(entry);
    writeEntry(this.#buffer, this.#view, this.#buffered + recordHeadBytes, entry);
    this.#seal(recordTypes.entry, payloadBytes);
    this.#lastIndex = Math.max(this.#lastIndex, entry.index);
  }

  /** Whether such a record can be collected beside what is. */
  hasRoom(payloadBytes: number): boolean {
    return this.#buffered + recordBytes(payloadBytes) <= this.#buffer.byteLength;
  }

  async makeRoom(payloadBytes: number): Promise<void> {
    await this.flush();
    this.#buffer = new Uint8Array(Math.max(recordBytes(payloadBytes), bufferBytes));
    this.#view = viewOf(this.#buffer);
  }

  /** Hands everything to the operating system. */
  async flush(): Promise<void> {
    if (this.#buffered === 0) return;
    const bytes = this.#buffer.subarray(0, this.#buffered);
    this.#buffered = 0;
    await this.file.append(bytes);
  }

  /** Puts everything on the disk. */
  async sync(): Promise<void> {
    await this.flush();
    await this.file.sync();
    this.#synced = this.#offset;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  #seal(type: number, payloadBytes: number): void {
    const [sequence, offset, unsynced] = [this.sequence, this.#offset, this.#offset - this.#synced];
    sealRecord(this.#buffer, this.#view, this.#buffered, { type, payloadBytes, sequence, offset, unsynced });
    this.#buffered += recordBytes(payloadBytes);
    this.#offset += recordBytes(payloadBytes);
  }
}

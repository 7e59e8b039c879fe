import { isDeepStrictEqual } from 'node:util';
import type { Entry, LogPosition } from '../core/entry.js';
import { LogDamagedError } from '../errors.js';
import { recordTypes } from './format.js';
import { LogState } from './log-state.js';
import {
  BadRecord,
  decodeCompaction,
  decodeHardState,
  decodeHead,
  decodeOpen,
  entryOf,
  type Head,
  positionOf,
} from './records.js';
import { recordsOf, type SegmentFile, type SegmentRecord } from './segment.js';

/** An entry where it was found. */
interface Found {
  readonly position: LogPosition;
  readonly payload: Uint8Array;
  readonly path: string;
  readonly offset: number;
}

/** What is in one segment. */
export interface SegmentSummary {
  readonly path: string;
  readonly sequence: number;
  /** In bytes, without a torn end. */
  readonly length: number;
  readonly bytes: number;
  readonly entries: number;
  /** Of the entries in there; -1 for none. */
  readonly firstIndex: number;
  readonly lastIndex: number;
}

/** Puts a log together from its segments, in their order. */
export class Replay {
  readonly segments: SegmentSummary[] = [];
  #state: LogState | undefined;
  /** The first entry that the segments hold, were they to hold all behind it. */
  #first = 0;
  #found: Found[] = [];
  #closed = false;

  get state(): LogState | undefined {
    return this.#state;
  }

  /** Whether the last run ended in order. */
  get closed(): boolean {
    return this.#closed;
  }

  /** @throws {LogDamagedError} for what no crash leaves, with its place */
  read(file: SegmentFile, isLast: boolean): void {
    const records = recordsOf(file, isLast);
    let [entries, firstIndex, lastIndex] = [0, -1, -1];
    let next = records.next();
    for (; !next.done; next = records.next()) {
      const record = next.value;
      this.#apply(file, record);
      if (record.type !== recordTypes.entry) continue;
      const index = this.#state?.lastIndex ?? -1;
      entries++;
      firstIndex = firstIndex < 0 ? index : Math.min(firstIndex, index);
      lastIndex = Math.max(lastIndex, index);
    }
    const { path, sequence } = file;
    const bytes = file.bytes.byteLength;
    this.segments.push({ path, sequence, length: next.value, bytes, entries, firstIndex, lastIndex });
  }

  /** The entries behind the base. To be called when all is read. */
  entries(): Entry[] {
    const { base } = this.#state ?? LogState.empty('always');
    if (base.index + 1 < this.#first) {
      const path = this.segments[0]?.path ?? '';
      throw new LogDamagedError(path, 0, `entries ${base.index + 1} to ${this.#first - 1} were in a segment before it`);
    }
    return this.#found.slice(base.index + 1 - this.#first).map(({ position, payload, path, offset }) => {
      return guarded(path, offset, () => entryOf(position, payload));
    });
  }

  #apply({ path }: SegmentFile, { offset, type, payload }: SegmentRecord): void {
    guarded(path, offset, () => {
      if (type === recordTypes.head) return this.#begin(decodeHead(payload));
      const state = this.#state;
      if (!state) throw new BadRecord('a segment that does not begin with a head');
      this.#closed = type === recordTypes.close;
      if (type === recordTypes.entry) this.#append(state, { position: positionOf(payload), payload, path, offset });
      else if (type === recordTypes.hardState) state.persist(decodeHardState(payload));
      else if (type === recordTypes.compaction) this.#compact(state, payload);
      else if (type === recordTypes.open) state.durability = decodeOpen(payload);
    });
  }

  #begin(head: Head): void {
    const before = this.#state;
    this.#closed = false;
    if (before && !head.begins) {
      const { bytes = 0 } = this.segments[this.segments.length - 1] ?? {};
      if (head.previousBytes !== bytes) throw new BadRecord(`it follows a segment of ${head.previousBytes} bytes`);
      if (head.lastIndex !== before.lastIndex) throw new BadRecord(`it follows entry ${head.lastIndex}`);
      // What else it says is what came of the records before: all that tells a segment from one of another log.
      if (!isDeepStrictEqual(head, before.head(false, bytes))) throw new BadRecord('it follows what was not before it');
      return;
    }
    this.#state = new LogState(head);
    this.#first = this.#state.lastIndex + 1;
    this.#found = [];
  }

  #append(state: LogState, found: Found): void {
    const { index } = found.position;
    state.append(found.position);
    if (index < this.#first) this.#first = index;
    this.#found.length = index - this.#first;
    this.#found.push(found);
  }

  #compact(state: LogState, payload: Uint8Array): void {
    const compaction = decodeCompaction(payload);
    state.compact(compaction);
    const first = compaction.base.index + 1;
    if (compaction.keeps && first <= this.#first) return;
    this.#found = compaction.keeps ? this.#found.slice(first - this.#first) : [];
    this.#first = first;
  }
}

/** Says where a record is that no release wrote. */
export function guarded<T>(path: string, offset: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof BadRecord ? new LogDamagedError(path, offset, error.message) : error;
  }
}

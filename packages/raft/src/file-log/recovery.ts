import { join } from 'node:path';
import type { Entry } from '../core/entry.js';
import { LogDamagedError, LogVersionError } from '../errors.js';
import type { FileSystem } from './file-system.js';
import {
  checkPreamble,
  formatVersion,
  isUnfinished,
  maxPayloadBytes,
  preambleBytes,
  segmentName,
  sequenceOf,
} from './format.js';
import type { LogState } from './log-state.js';
import { decodeHead } from './records.js';
import { guarded, Replay, type SegmentSummary } from './replay.js';
import { recordsOf, type SegmentFile } from './segment.js';
import { readMark } from './sync-mark.js';

/** What a directory holds. */
export interface Recovered {
  /** Undefined where there is no log. */
  readonly state: LogState | undefined;
  /** Behind the base. */
  readonly entries: readonly Entry[];
  /** The last run ended in order. */
  readonly closed: boolean;
  readonly segments: readonly SegmentSummary[];
  /** Files that are of no use: segments from before the log began, and those that were never finished. */
  readonly leftovers: readonly string[];
  readonly lastSequence: number;
}

/** A segment is a little longer than it is told to be, and holds one record at least. */
const maxSegmentBytes = 2 * maxPayloadBytes;

/**
 * Reads the log in a directory, and changes nothing.
 * @throws {LogDamagedError} {@link LogVersionError}
 */
export async function recover(fileSystem: FileSystem, directory: string): Promise<Recovered> {
  const { files, leftovers, lastSequence } = await load(fileSystem, directory);
  const replay = new Replay();
  for (const file of files) replay.read(file, file.sequence === lastSequence);
  const { state, closed, segments } = replay;
  return { state, closed, segments, entries: replay.entries(), leftovers, lastSequence };
}

export interface Loaded {
  /** Those that make up the log, in their order. */
  readonly files: readonly SegmentFile[];
  readonly leftovers: readonly string[];
  readonly lastSequence: number;
}

/** From the last segment back to the one with which the log begins, as far as they follow one another. */
export async function load(fileSystem: FileSystem, directory: string): Promise<Loaded> {
  // Before all else: what is written meanwhile, by a process that others look on at, must not be missed from what is found here.
  const mark = await readMark(fileSystem, directory);
  const names = await fileSystem.list(directory);
  const leftovers = names.filter((name) => isUnfinished(name)).map((name) => join(directory, name));
  const sequences = names.map(sequenceOf).filter((sequence) => sequence !== undefined);
  sequences.sort((a, b) => b - a);
  const lastSequence = sequences[0] ?? 0;
  if (mark && mark.sequence > lastSequence) {
    throw new LogDamagedError(join(directory, segmentName(mark.sequence)), 0, 'it is gone, and was on the disk');
  }
  const files: SegmentFile[] = [];
  let isWhole = false;
  for (const sequence of sequences) {
    const path = join(directory, segmentName(sequence));
    isWhole ||= files[0] !== undefined && files[0].sequence !== sequence + 1;
    if (isWhole) {
      leftovers.push(path);
      continue;
    }
    const synced = sequence === mark?.sequence ? mark.length : 0;
    const file = { path, sequence, synced, bytes: await readBounded(fileSystem, path) };
    files.unshift(file);
    isWhole = beginsLog(file);
  }
  return { files, leftovers, lastSequence };
}

async function readBounded(fileSystem: FileSystem, path: string): Promise<Uint8Array> {
  const size = await fileSystem.sizeOf(path);
  if (size > maxSegmentBytes) throw new LogDamagedError(path, 0, `${size} bytes are more than a segment can have`);
  return await fileSystem.read(path);
}

/** Whether what came before a segment does not count. It got its name when its head was on the disk. */
function beginsLog(file: SegmentFile): boolean {
  const { path, sequence, bytes } = file;
  const preamble = checkPreamble(bytes, sequence);
  if (preamble === 'wrong') throw new LogDamagedError(path, 0, 'it does not begin as a segment of this log');
  if (preamble !== 'right') throw new LogVersionError(path, preamble.version, formatVersion);
  const first = recordsOf(file, false).next();
  if (first.done === true) throw new LogDamagedError(path, preambleBytes, 'it has no head');
  return guarded(path, preambleBytes, () => decodeHead(first.value.payload).begins);
}

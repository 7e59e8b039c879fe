import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { BadSnapshotError } from '../errors.js';
import { type Outcome, readResult, writeResult } from '../replicated/result.js';

/** What kept the leader from making a change. */
export interface ChangeFailure {
  /** The code of the error that the storage gave, or of what the leader found. */
  readonly code: string;
  readonly message: string;
  readonly mayHaveHappened: boolean;
}

/**
 * What became of a change: for each of its keys the value that was there before, in bytes; undefined where there was none; true where
 * there was one that nobody saw; false where the condition of the change was not met. Or why it was not made.
 */
export type ChangeOutcome = readonly Outcome[] | ChangeFailure;

export function isFailure(outcome: ChangeOutcome): outcome is ChangeFailure {
  return 'code' in outcome;
}

enum Tag {
  Made = 0,
  Failed = 1,
}

const scratch = new ByteWriter();

export function writeOutcome(outcome: ChangeOutcome, writer: ByteWriter = scratch): void {
  if (isFailure(outcome)) {
    writer.byte(Tag.Failed);
    writer.text(outcome.code);
    writer.text(outcome.message);
    writer.byte(outcome.mayHaveHappened ? 1 : 0);
  } else {
    writer.byte(Tag.Made);
    writeResult(writer, outcome);
  }
}

/** @throws BadSnapshotError */
export function readOutcome(reader: ByteReader): ChangeOutcome {
  const tag = reader.byte();
  if (tag === Tag.Failed) return { code: reader.text(), message: reader.text(), mayHaveHappened: reader.byte() === 1 };
  const outcomes = tag === Tag.Made ? readResult(reader) : undefined;
  if (!Array.isArray(outcomes)) throw new BadSnapshotError('not the outcome of a change');
  return outcomes;
}

/** The outcome of the change that has an index in the log. */
export interface IndexedOutcome {
  readonly index: number;
  readonly outcome: ChangeOutcome;
}

export function encodeOutcome(index: number, outcome: ChangeOutcome): Uint8Array {
  scratch.varint(index);
  writeOutcome(outcome);
  return scratch.take();
}

/** Undefined for what are not encoded outcomes, one behind the other: the same for every member that reads it. */
export function decodeOutcomes(bytes: Uint8Array): IndexedOutcome[] | undefined {
  const reader = new ByteReader(bytes);
  const outcomes: IndexedOutcome[] = [];
  try {
    while (!reader.done) outcomes.push({ index: reader.varint(), outcome: readOutcome(reader) });
    return outcomes;
  } catch {
    return undefined;
  }
}

import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { BadSnapshotError } from '../errors.js';

/** What a command did to one key. */
export type Outcome = undefined | boolean | Uint8Array;

/** A command that changed nothing because it was refused, the same on every member. */
export class Refusal {
  constructor(
    readonly code: 'storage-kind' | 'bad-command' | 'backups',
    /** What the storage has instead: its kind, or the number of its backups; else 0. */
    readonly found = 0,
  ) {}
}

/** What the caller of a command is told: plain flags and bytes; a list is in the order of the command's keys. */
export type Result = Outcome | readonly Outcome[] | Refusal;

enum Tag {
  Undefined = 0,
  False = 1,
  True = 2,
  Bytes = 3,
  List = 4,
  StorageKind = 5,
  BadCommand = 6,
  Backups = 7,
}

const refusalTags = {
  'storage-kind': Tag.StorageKind,
  'bad-command': Tag.BadCommand,
  backups: Tag.Backups,
} as const;

export function writeResult(writer: ByteWriter, result: Result): void {
  if (result instanceof Refusal) {
    writer.byte(refusalTags[result.code]);
    writer.varint(result.found);
  } else if (isList(result)) {
    writer.byte(Tag.List);
    writer.varint(result.length);
    for (const outcome of result) writeResult(writer, outcome);
  } else if (result === undefined) {
    writer.byte(Tag.Undefined);
  } else if (typeof result === 'boolean') {
    writer.byte(result ? Tag.True : Tag.False);
  } else {
    writer.byte(Tag.Bytes);
    writer.bytes(result);
  }
}

export function readResult(reader: ByteReader): Result {
  const tag = reader.byte();
  if (tag === Tag.StorageKind) return new Refusal('storage-kind', reader.varint());
  if (tag === Tag.BadCommand) return new Refusal('bad-command', reader.varint());
  if (tag === Tag.Backups) return new Refusal('backups', reader.varint());
  if (tag !== Tag.List) return readOutcome(tag, reader);
  const outcomes: Outcome[] = [];
  for (let count = reader.varint(); count > 0; count--) outcomes.push(readOutcome(reader.byte(), reader));
  return outcomes;
}

function readOutcome(tag: number, reader: ByteReader): Outcome {
  if (tag === Tag.Undefined) return undefined;
  if (tag === Tag.False) return false;
  if (tag === Tag.True) return true;
  if (tag === Tag.Bytes) return reader.bytes().slice();
  throw new BadSnapshotError(`unknown result ${tag}`);
}

function isList(result: Result): result is readonly Outcome[] {
  return Array.isArray(result);
}

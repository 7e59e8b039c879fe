import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import type { Outcome } from '../replicated/result.js';
import type { TransactionalStorage } from '../storage/transactional-storage.js';
import type { ChangeableStorage } from './carry-out.js';
import { isFailure, readOutcome, writeOutcome } from './change-outcome.js';
import type { PendingChange } from './pending-change.js';

/** The last change that was made in a database: which one, in whose ledger, and what became of it. */
interface Note {
  readonly ledger: string;
  readonly index: number;
  readonly member: string;
  readonly sequence: number;
  readonly outcomes: readonly Outcome[];
}

/** The names by which a grid knows itself, and the one before it, in a database. */
export interface Ledger {
  readonly ledger: string;
  readonly supersedes: string;
}

/** The database was written to by another grid, or by a later state of this one: this is the name it left. */
export class ForeignLedger {
  constructor(readonly name: string) {}
}

/**
 * Makes a change in one transaction with a note of its outcome, or takes the outcome from the note where an earlier leader made it. Only
 * who has committed in the log that it takes over from another's ledger writes there, so that a leader that was deposed cannot.
 */
export async function carryOutOnce<K, V>(
  change: PendingChange,
  storage: TransactionalStorage<K, V>,
  noteName: string,
  { ledger, supersedes }: Ledger,
  make: (entries: ChangeableStorage<K, V>) => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[] | ForeignLedger> {
  let answer: readonly Outcome[] | ForeignLedger = [];
  await storage.transact(noteName, async (entries, bytes) => {
    const note = bytes && readNote(bytes);
    const known = note && judge(note, change, ledger, supersedes);
    answer = known ?? (await make(entries));
    return known === undefined ? writeNote(change, ledger, answer as readonly Outcome[]) : undefined;
  });
  return answer;
}

/** Undefined where the change is still to be made. */
function judge(
  note: Note,
  { index, member, sequence }: PendingChange,
  ledger: string,
  supersedes: string,
): readonly Outcome[] | ForeignLedger | undefined {
  if (note.ledger !== ledger) return note.ledger === supersedes ? undefined : new ForeignLedger(note.ledger);
  if (note.index < index) return undefined;
  const isSame = note.index === index && note.member === member && note.sequence === sequence;
  return isSame ? note.outcomes : new ForeignLedger(ledger);
}

function writeNote(change: PendingChange, ledger: string, outcomes: readonly Outcome[]): Uint8Array {
  const writer = new ByteWriter();
  writer.text(ledger);
  writer.varint(change.index);
  writer.text(change.member);
  writer.varint(change.sequence);
  writeOutcome(outcomes, writer);
  return writer.take();
}

/** @throws BadSnapshotError for what `writeNote` does not write */
function readNote(bytes: Uint8Array): Note {
  const reader = new ByteReader(bytes);
  const [ledger, index] = [reader.text(), reader.varint()];
  const [member, sequence] = [reader.text(), reader.varint()];
  const outcomes = readOutcome(reader);
  return { ledger, index, member, sequence, outcomes: isFailure(outcomes) ? [] : outcomes };
}

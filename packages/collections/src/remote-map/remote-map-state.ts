import { MessageType, StorageKind } from '@hamok/messages';
import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { BadSnapshotError } from '../errors.js';
import { Fifo } from '../fifo.js';
import type { LeaderCommand, StorageCommand } from '../replicated/command.js';
import { mapModel } from '../replicated/map-model.js';
import type { Result } from '../replicated/result.js';
import type { LogPosition, StateCut, StorageModel, StorageState } from '../replicated/storage-state.js';
import { type ChangeOutcome, decodeOutcomes, isFailure } from './change-outcome.js';
import { OutcomeParts } from './outcome-parts.js';
import { type PendingChange, pendingChange, readChange, sizeOfChange, writeChange } from './pending-change.js';

/** Changes that wait for the leader at once, whoever asked for them. The same on every member, for they are counted in the log. */
export const maxPendingChanges = 8192;
/** Bytes that they may have together, unless there is only one. */
const maxPendingBytes = 16 * 1024 * 1024;

/** Bytes of outcomes that a leader may tell at once, in however many commands. */
export const maxOutcomeBytes = 2 * maxPendingBytes;

export type RemoteMapNote =
  | { readonly type: 'accepted' }
  | { readonly type: 'members' }
  | { readonly type: 'outcome'; readonly change: PendingChange; readonly outcome: ChangeOutcome };

export type RemoteMapObserver = (note: RemoteMapNote) => void;

enum Record {
  Progress = 0,
  Pending = 1,
}

/**
 * What a grid knows of a map whose entries are in a database: which changes are to be made, in which order, and what became of them.
 * A change waits here until the leader, which carries out one after another, has put its outcome into the log: whoever leads next
 * goes on with the first one that has none. The outcome of a leader that was deposed has no effect, and so has one of any
 * change but the first.
 */
export class RemoteMapState implements StorageState {
  readonly kind = StorageKind.REMOTE_MAP;
  readonly nextDeadline = Number.POSITIVE_INFINITY;
  observer: RemoteMapObserver | undefined;
  readonly pending = new Fifo<PendingChange>();
  /** The index of the last change whose outcome is known; -1 before the first. */
  appliedIndex = -1;
  /** The name under which this grid notes in a database what it made there; empty until a leader has given it one. */
  ledger = '';
  /** The name that it may find there, for it takes over from whoever wrote that. */
  supersedes = '';
  #pendingBytes = 0;
  /** The highest term that a leader has spoken in. */
  #term = 0;
  /** What has come of outcomes that take several commands. */
  readonly #parts = new OutcomeParts();
  #notes: RemoteMapNote[] = [];

  get size(): number {
    return this.pending.length;
  }

  /** False where too many changes wait; else the index by which its outcome will be told. */
  apply(command: StorageCommand, { index }: LogPosition): Result {
    const size = sizeOfChange(command);
    const isFull = this.pending.length >= maxPendingChanges || this.#pendingBytes + size > maxPendingBytes;
    if (isFull && this.pending.length > 0) return false;
    this.#add(pendingChange(command, index));
    this.#tell({ type: 'accepted' });
    return indexResult(index);
  }

  applyFromLeader({ type, leader, term, values, tickets, dedupId }: LeaderCommand, { index }: LogPosition): void {
    if (term < this.#term) return;
    if (term > this.#term) this.#parts.clear();
    this.#term = term;
    if (type === MessageType.REMOTE_MAP_OUTCOMES_REQUEST) return this.#take(values[0], tickets[0], tickets[1]);
    if (type !== MessageType.REMOTE_MAP_TAKE_OVER_REQUEST) return;
    this.ledger = `${leader}/${index}`;
    this.supersedes = dedupId ?? '';
  }

  expireNext(): void {}

  membersChanged(): void {
    this.#tell({ type: 'members' });
  }

  publish(): void {
    if (this.#notes.length === 0) return;
    const notes = this.#notes;
    this.#notes = [];
    for (const note of notes) this.observer?.(note);
  }

  isPending(index: number): boolean {
    for (const change of this.pending) if (change.index === index) return true;
    return false;
  }

  cut(): StateCut {
    const { appliedIndex, ledger, supersedes } = this;
    const [term, parts, changes] = [this.#term, this.#parts.joined(), this.pending.toArray()];
    return {
      count: 1 + changes.length,
      write(position, writer) {
        const change = changes[position - 1];
        writer.byte(change === undefined ? Record.Progress : Record.Pending);
        if (change !== undefined) return writeChange(change, writer);
        writer.varint(appliedIndex + 1);
        writer.varint(term);
        writer.text(ledger);
        writer.text(supersedes);
        writer.bytes(parts);
      },
    };
  }

  restore(record: ByteReader): void {
    const type = record.byte();
    if (type === Record.Pending) return this.#add(readChange(record));
    if (type !== Record.Progress) throw new BadSnapshotError(`unknown record ${type} of a remote map`);
    this.appliedIndex = record.varint() - 1;
    this.#term = record.varint();
    this.ledger = record.text();
    this.supersedes = record.text();
    this.#parts.add(record.bytes().slice(), 0);
  }

  #add(change: PendingChange): void {
    this.pending.push(change);
    this.#pendingBytes += sizeOfChange(change);
  }

  #take(part: Uint8Array | undefined, offset: number | undefined, total: number | undefined): void {
    if (part === undefined || offset === undefined || total === undefined || total > maxOutcomeBytes) return;
    if (!this.#parts.add(part, offset) || this.#parts.length < total) return;
    const outcomes = this.#parts.length === total ? decodeOutcomes(this.#parts.joined()) : undefined;
    this.#parts.clear();
    for (const { index, outcome } of outcomes ?? []) this.#finish(index, outcome);
  }

  #finish(index: number, outcome: ChangeOutcome): void {
    const change = this.pending.at(0);
    if (change?.index !== index || !(isFailure(outcome) || outcome.length === change.keys.length)) return;
    this.pending.shift();
    this.#pendingBytes -= sizeOfChange(change);
    this.appliedIndex = index;
    this.#tell({ type: 'outcome', change, outcome });
  }

  #tell(note: RemoteMapNote): void {
    if (this.observer !== undefined) this.#notes.push(note);
  }
}

/** What maps take, without ends and revisions: a database may have neither. */
export const remoteMapModel: StorageModel = {
  accepts: (command) =>
    command.type !== MessageType.TOUCH_ENTRIES_REQUEST &&
    command.ttlInMs === undefined &&
    command.revision === undefined &&
    mapModel.accepts(command),
  create: () => new RemoteMapState(),
};

const writer = new ByteWriter();

function indexResult(index: number): Uint8Array {
  writer.varint(index);
  return writer.take();
}

/** The index by which the outcome of an accepted change will be told. */
export function acceptedIndex(result: Uint8Array): number {
  return new ByteReader(result).varint();
}

import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { BadSnapshotError } from '../errors.js';
import { Contents } from './contents.js';
import { readRecords } from './record-stream.js';
import type { ReplicatedSession } from './replicated-session.js';
import { readResult, writeResult } from './result.js';
import type { StorageState } from './storage-state.js';

/*
 * A snapshot is a header ("HKC", then the version) and records, each behind its length: the sessions in the order of their
 * members, each followed by its kept results; the storages in the order of their creation, each followed by its content;
 * and a last record that counts the others. The same state gives the same bytes on every member.
 */
const header = Uint8Array.of(0x48, 0x4b, 0x43, 1);
const chunkBytes = 64 * 1024;

enum Record {
  End = 0,
  Session = 1,
  KeptResult = 2,
  Storage = 3,
  StorageContent = 4,
}

/** Consecutive records of a snapshot, as of the moment it was cut. */
interface Records {
  readonly count: number;
  write(position: number, writer: ByteWriter): void;
  close?(): void;
}

/** Cuts the contents now; the bytes are made while iterating, which is to be done once. */
export function snapshotOf(contents: Contents): AsyncIterable<Uint8Array> {
  const sessions = [...contents.sessions.values()].sort((a, b) => (a.member < b.member ? -1 : 1)).map(cutSession);
  const storages = [...contents.storages].map(([id, storage]) => cutStorage(id, storage));
  const parts: Records[] = [...sessions, ...storages];
  const stream = chunks(parts);
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const step = await stream.next();
      if (step.done) closeAll(parts);
      return step;
    },
    async return() {
      closeAll(parts);
      return stream.return(undefined);
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

function closeAll(parts: readonly Records[]): void {
  for (const part of parts) part.close?.();
}

function cutSession(session: ReplicatedSession): Records {
  const { member, lastApplied, acknowledged } = session;
  const results = session.results.toArray();
  return {
    count: 1 + results.length,
    write(position, writer) {
      const kept = results[position - 1];
      if (kept !== undefined) {
        writer.byte(Record.KeptResult);
        writeResult(writer, kept.result);
        return;
      }
      writer.byte(Record.Session);
      writer.text(member);
      writer.varint(lastApplied);
      writer.varint(acknowledged);
    },
  };
}

function cutStorage(id: string, storage: StorageState): Records {
  const { kind } = storage;
  const cut = storage.cut();
  return {
    count: 1 + cut.count,
    write(position, writer) {
      if (position > 0) {
        writer.byte(Record.StorageContent);
        cut.write(position - 1, writer);
        return;
      }
      writer.byte(Record.Storage);
      writer.text(id);
      writer.varint(kind);
    },
    close: () => cut.close?.(),
  };
}

async function* chunks(parts: readonly Records[]): AsyncGenerator<Uint8Array> {
  const record = new ByteWriter();
  const chunk = new ByteWriter();
  let count = 0;
  yield header.slice();
  for (const part of parts) {
    for (let position = 0; position < part.count; position++) {
      part.write(position, record);
      chunk.record(record);
      if (chunk.length >= chunkBytes) yield chunk.take();
    }
    count += part.count;
  }
  record.byte(Record.End);
  record.varint(count);
  chunk.record(record);
  yield chunk.take();
}

/**
 * Reads what `snapshotOf` gave, however it was cut into chunks since.
 *
 * @throws BadSnapshotError for anything else, and for a snapshot that is incomplete
 */
export async function readSnapshot(data: AsyncIterable<Uint8Array>): Promise<Contents> {
  const reading = new SnapshotReading();
  for await (const records of readRecords(data, header)) for (const record of records) reading.take(record);
  return reading.finish();
}

class SnapshotReading {
  readonly #contents = new Contents();
  #session: { readonly target: ReplicatedSession; readonly lastApplied: number } | undefined;
  #storage: StorageState | undefined;
  #count = 0;
  #ended = false;

  take(bytes: Uint8Array): void {
    if (this.#ended) throw new BadSnapshotError('bytes after the end');
    const record = new ByteReader(bytes);
    const type = record.byte();
    switch (type) {
      case Record.Session:
        this.#beginSession(record);
        break;
      case Record.KeptResult:
        if (this.#session === undefined) throw new BadSnapshotError('a result without a session');
        this.#session.target.record(readResult(record));
        break;
      case Record.Storage:
        this.#beginStorage(record);
        break;
      case Record.StorageContent:
        if (this.#storage === undefined) throw new BadSnapshotError('content without a storage');
        this.#storage.restore(record);
        break;
      case Record.End:
        this.#endSession();
        if (record.varint() !== this.#count) throw new BadSnapshotError('records are missing');
        this.#ended = true;
        break;
      default:
        throw new BadSnapshotError(`unknown record ${type}`);
    }
    if (!record.done) throw new BadSnapshotError('a record is too long');
    this.#count++;
  }

  finish(): Contents {
    if (!this.#ended) throw new BadSnapshotError('the end is missing');
    for (const [id, storage] of this.#contents.storages) this.#contents.agenda.note(id, storage);
    return this.#contents;
  }

  #beginSession(record: ByteReader): void {
    this.#endSession();
    const member = record.text();
    const lastApplied = record.varint();
    if (this.#contents.sessions.has(member)) throw new BadSnapshotError('a session occurs twice');
    const target = this.#contents.openSession(member);
    target.acknowledged = record.varint();
    target.lastApplied = target.acknowledged;
    this.#session = { target, lastApplied };
  }

  #endSession(): void {
    const session = this.#session;
    if (session !== undefined && session.target.lastApplied !== session.lastApplied)
      throw new BadSnapshotError('a session without all its results');
    this.#session = undefined;
  }

  #beginStorage(record: ByteReader): void {
    this.#endSession();
    const id = record.text();
    const kind = record.varint();
    if (this.#contents.storages.has(id)) throw new BadSnapshotError('a storage occurs twice');
    this.#storage = this.#contents.createStorage(id, kind);
    if (this.#storage === undefined) throw new BadSnapshotError(`a storage of the unknown kind ${kind}`);
  }
}

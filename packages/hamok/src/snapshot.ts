import { describeSnapshot } from '@hamok/collections';
import { type Clock, holdInMemory, type StateExport, type StoredSnapshot } from '@hamok/raft';
import { type Compression, readState, stateSection, writeSnapshot } from '@hamok/snapshot';
import { checkMethods } from './config.js';

export interface HamokExportOptions {
  /** Default `none`. */
  readonly compression?: Compression;
}

export interface HamokImportOptions {
  /** Refuse a snapshot of another grid. Default: that whose state this member holds, if it was in one. */
  readonly gridId?: string;
}

/** What a snapshot stands for: everything replicated, up to one entry of the log of one grid. */
export interface HamokSnapshotOrigin {
  readonly gridId: string;
  /** The index of the last entry that it includes, and its term. */
  readonly commitIndex: number;
  readonly term: number;
}

/** Everything replicated, as the bytes of a container of `@hamok/snapshot`: to be kept in a file, or sent. */
export interface HamokSnapshot extends HamokSnapshotOrigin {
  readonly bytes: Uint8Array;
}

/** The same as a stream, to be iterated once, to its end. */
export interface HamokSnapshotStream extends HamokSnapshotOrigin {
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What `import` takes: a snapshot, or its bytes, also as a stream. */
export type HamokSnapshotSource = HamokSnapshot | HamokSnapshotStream | Uint8Array | AsyncIterable<Uint8Array>;

export function toStream({ meta, state: data }: StateExport, options: HamokExportOptions): HamokSnapshotStream {
  const { gridId, position, configuration } = meta;
  const header = { gridId, ...position, ...configuration };
  const bytes = writeSnapshot(header, [{ name: stateSection, data }], options);
  return { gridId, commitIndex: position.index, term: position.term, bytes };
}

export async function collect({ bytes, ...origin }: HamokSnapshotStream): Promise<HamokSnapshot> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    pieces.push(piece);
    length += piece.byteLength;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return { ...origin, bytes: whole };
}

/**
 * Reads a snapshot to its end, its content included. Where the signal is aborted before, it rejects with the reason, and the source is told
 * that no more is wanted.
 * @throws the errors of `@hamok/snapshot` and `BadSnapshotError`
 */
export function readSource(
  source: HamokSnapshotSource,
  options: HamokImportOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<StoredSnapshot> {
  const pieces = streamOf(bytesOf(source))[Symbol.asyncIterator]();
  return new Promise((resolve, reject) => {
    // The source may be stuck, and never answer.
    const giveUp = (): void => {
      reject(signal.reason);
      endOf(pieces).catch(() => undefined);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    readWhole(untilAborted(pieces, signal), options, clock)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', giveUp));
  });
}

async function endOf(pieces: AsyncIterator<Uint8Array>): Promise<void> {
  await pieces.return?.();
}

async function* untilAborted(pieces: AsyncIterator<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of { [Symbol.asyncIterator]: () => pieces }) {
    if (signal.aborted) return;
    yield piece;
  }
}

async function readWhole(
  pieces: AsyncIterable<Uint8Array>,
  options: HamokImportOptions,
  clock: Clock,
): Promise<StoredSnapshot> {
  const { header, state } = await readState(pieces, options);
  const { gridId, index, term, time, voters, learners, mostVoters } = header;
  const meta = { gridId, position: { index, term, time }, configuration: { voters, learners, mostVoters } };
  const stored = await holdInMemory(meta, state, clock);
  await describeSnapshot(piecesOf(stored));
  return stored;
}

function bytesOf(source: HamokSnapshotSource): Uint8Array | AsyncIterable<Uint8Array> {
  checkMethods('snapshot', source, []);
  const bytes = 'bytes' in source ? source.bytes : source;
  if (!(bytes instanceof Uint8Array)) checkMethods('snapshot', bytes, [Symbol.asyncIterator]);
  return bytes;
}

function streamOf(bytes: Uint8Array | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return bytes instanceof Uint8Array ? once(bytes) : bytes;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const pieceBytes = 64 * 1024;

async function* piecesOf(snapshot: StoredSnapshot): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < snapshot.size; at += pieceBytes) yield await snapshot.read(at, pieceBytes);
}

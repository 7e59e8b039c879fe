import { ByteSource } from './byte-source.js';
import { inflate } from './compression.js';
import { crc32c } from './crc32c.js';
import { DamagedSnapshotError, ForeignSnapshotError, NewerSnapshotError } from './errors.js';
import {
  type Compression,
  checksumBytes,
  formatVersion,
  isHeader,
  magic,
  maxPayloadBytes,
  preambleBytes,
  recordHeadBytes,
  recordTypes,
  type SnapshotHeader,
} from './format.js';

export interface ReadOptions {
  /** Refuse a container of another grid. Default: any grid will do. */
  readonly gridId?: string;
}

/** What comes out of a container, in order. Nothing is certain before `end`: whoever replaces state waits for it. */
export type SnapshotPart =
  | { readonly type: 'header'; readonly header: SnapshotHeader; readonly compression: Compression }
  | { readonly type: 'section'; readonly name: string }
  | { readonly type: 'chunk'; readonly data: Uint8Array }
  | { readonly type: 'end' };

/** Where a part stands, for those who come back to it. */
export interface PartPlace {
  /** Of its record, in bytes from the beginning. */
  readonly position: number;
  /** Of the record. */
  readonly length: number;
  /** Of everything before the record, which its own checksum goes on from. */
  readonly checksumBefore: number;
  readonly compression: Compression;
}

interface Record {
  readonly type: number;
  readonly payload: Uint8Array;
  readonly position: number;
  readonly checksumBefore: number;
}

/**
 * Reads a container as a stream: at most one chunk is held at a time. Every part was checked when it is handed out, and that it
 * stands where it was written.
 *
 * @throws {DamagedSnapshotError} {@link NewerSnapshotError} {@link ForeignSnapshotError} at the part that shows it
 */
export async function* readSnapshot(
  source: AsyncIterable<Uint8Array>,
  options?: ReadOptions,
): AsyncGenerator<SnapshotPart> {
  for await (const { part } of readPlaced(source, options)) yield part;
}

/** As `readSnapshot`, and says where each part stands. */
export async function* readPlaced(
  source: AsyncIterable<Uint8Array>,
  { gridId }: ReadOptions = {},
): AsyncGenerator<{ readonly part: SnapshotPart; readonly place: PartPlace }> {
  const bytes = new ByteSource(source);
  try {
    const records = new RecordReader(bytes, await readPreamble(bytes));
    const first = await records.next();
    const { header, compression } = readHeader(first);
    if (gridId !== undefined && header.gridId !== gridId) throw new ForeignSnapshotError(header.gridId, gridId);
    const place = ({ position, checksumBefore }: Record): PartPlace => {
      return { position, length: bytes.position - position, checksumBefore, compression };
    };
    yield { part: { type: 'header', header, compression }, place: place(first) };
    const names = new Set<string>();
    for (;;) {
      const record = await records.next();
      const part = await partOf(record, names, compression);
      if (part.type === 'end' && !(await bytes.isAtEnd()))
        throw new DamagedSnapshotError(bytes.position, 'bytes after the end');
      yield { part, place: place(record) };
      if (part.type === 'end') return;
    }
  } finally {
    await bytes.close();
  }
}

/** Reads a container to its end, to find out whether it is whole. */
export async function verifySnapshot(
  source: AsyncIterable<Uint8Array>,
  options?: ReadOptions,
): Promise<{ readonly header: SnapshotHeader; readonly sections: ReadonlyMap<string, number> }> {
  const sections = new Map<string, number>();
  let header: SnapshotHeader | undefined;
  let section = '';
  for await (const part of readSnapshot(source, options)) {
    if (part.type === 'header') header = part.header;
    else if (part.type === 'section') {
      section = part.name;
      sections.set(section, 0);
    } else if (part.type === 'chunk') sections.set(section, (sections.get(section) ?? 0) + part.data.byteLength);
  }
  if (!header) throw new DamagedSnapshotError(0, 'no header');
  return { header, sections };
}

/** Reads one chunk again, that was read or written before. */
export async function readChunkAgain(record: Uint8Array, place: PartPlace): Promise<Uint8Array> {
  async function* only(): AsyncGenerator<Uint8Array> {
    yield record;
  }
  const records = new RecordReader(new ByteSource(only(), place.position), place.checksumBefore);
  const { type, payload } = await records.next();
  if (type !== recordTypes.chunk) throw new DamagedSnapshotError(place.position, `a record of type ${type}`);
  return uncompressed(payload, place.compression, place.position);
}

async function readPreamble(bytes: ByteSource): Promise<number> {
  const preamble = await bytes.take(preambleBytes);
  if (magic.some((byte, i) => preamble[i] !== byte)) throw new DamagedSnapshotError(0, 'not a snapshot');
  const version = ((preamble[magic.byteLength] ?? 0) << 8) | (preamble[magic.byteLength + 1] ?? 0);
  if (version > formatVersion) throw new NewerSnapshotError(version);
  if (version < 1) throw new DamagedSnapshotError(magic.byteLength, `version ${version}`);
  return crc32c(preamble);
}

async function partOf(
  { type, payload, position }: Record,
  names: Set<string>,
  compression: Compression,
): Promise<SnapshotPart> {
  if (type === recordTypes.end) {
    if (payload.byteLength > 0) throw new DamagedSnapshotError(position, 'an end that says something');
    return { type: 'end' };
  }
  if (type === recordTypes.section) {
    const name = text(payload, position);
    if (names.has(name)) throw new DamagedSnapshotError(position, `a second section ${name}`);
    names.add(name);
    return { type: 'section', name };
  }
  if (type !== recordTypes.chunk || names.size === 0)
    throw new DamagedSnapshotError(position, `a record of type ${type}`);
  return { type: 'chunk', data: await uncompressed(payload, compression, position) };
}

async function uncompressed(payload: Uint8Array, compression: Compression, position: number): Promise<Uint8Array> {
  if (compression === 'none') return payload;
  try {
    return await inflate(payload);
  } catch {
    throw new DamagedSnapshotError(position, 'a chunk that cannot be inflated');
  }
}

/** Each checksum goes on from the one before, so that no record can be left out, repeated or moved. */
class RecordReader {
  constructor(
    private readonly bytes: ByteSource,
    private checksum: number,
  ) {}

  async next(): Promise<Record> {
    const { position } = this.bytes;
    const checksumBefore = this.checksum;
    const head = await this.bytes.take(recordHeadBytes);
    const view = new DataView(head.buffer, head.byteOffset);
    const length = view.getUint32(1);
    if (length > maxPayloadBytes) throw new DamagedSnapshotError(position, `a record of ${length} bytes`);
    const payload = await this.bytes.take(length);
    const expected = await this.bytes.take(checksumBytes);
    this.checksum = crc32c(payload, crc32c(head, checksumBefore));
    if (new DataView(expected.buffer, expected.byteOffset).getUint32(0) !== this.checksum) {
      throw new DamagedSnapshotError(position, 'the checksum does not match');
    }
    return { type: view.getUint8(0), payload, position, checksumBefore };
  }
}

function readHeader({ type, payload, position }: Record): { header: SnapshotHeader; compression: Compression } {
  if (type !== recordTypes.header) throw new DamagedSnapshotError(position, 'no header');
  let value: unknown;
  try {
    value = JSON.parse(text(payload, position));
  } catch {
    throw new DamagedSnapshotError(position, 'a header that is not JSON');
  }
  if (!isHeader(value))
    throw new DamagedSnapshotError(position, 'a header with fields that are missing, or out of bounds');
  const { gridId, index, term, time, voters, learners, mostVoters, compression } = value;
  return { header: { gridId, index, term, time, voters, learners, mostVoters }, compression };
}

function text(payload: Uint8Array, position: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    throw new DamagedSnapshotError(position, 'text that is not UTF-8');
  }
}

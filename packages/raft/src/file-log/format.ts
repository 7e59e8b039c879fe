import { crc32 } from 'node:zlib';

/** The bytes of a segment: FILE-LOG.md. All numbers are unsigned, the highest byte first. */
export const formatVersion = 1;

const magic = new TextEncoder().encode('HAMOKLOG');
export const preambleBytes = 24;
export const recordHeadBytes = 16;
const checksumBytes = 4;
const alignment = 8;

/** No payload is longer, so that nothing is allocated for a length that nobody wrote. */
export const maxPayloadBytes = 256 * 1024 * 1024;

export const recordTypes = { head: 1, entry: 2, hardState: 3, compaction: 4, open: 5, close: 6 } as const;

const namePattern = /^\d{16}\.log$/;
const unfinishedPattern = /^\d{16}\.log\.new$/;

export function segmentName(sequence: number): string {
  return `${String(sequence).padStart(16, '0')}.log`;
}

/** A segment has this name until its head, and what it begins with, is on the disk. */
export function unfinishedName(sequence: number): string {
  return `${segmentName(sequence)}.new`;
}

export function isUnfinished(name: string): boolean {
  return unfinishedPattern.test(name);
}

/** Undefined for what is not the name of a segment. */
export function sequenceOf(name: string): number | undefined {
  return namePattern.test(name) ? Number.parseInt(name, 10) : undefined;
}

export function encodePreamble(sequence: number): Uint8Array {
  const bytes = new Uint8Array(preambleBytes);
  const view = viewOf(bytes);
  bytes.set(magic);
  view.setUint32(8, formatVersion);
  writeInteger(view, 12, sequence);
  view.setUint32(20, crc32(bytes.subarray(0, 20)));
  return bytes;
}

export type Preamble = 'right' | 'wrong' | { readonly version: number };

export function checkPreamble(bytes: Uint8Array, sequence: number): Preamble {
  const head = bytes.subarray(0, preambleBytes);
  if (head.byteLength < preambleBytes || !magic.every((byte, i) => head[i] === byte)) return 'wrong';
  if (readUint32(head, 20) !== crc32(head.subarray(0, 20))) return 'wrong';
  const version = readUint32(head, 8);
  if (version !== formatVersion) return { version };
  return readInteger(head, 12) === sequence ? 'right' : 'wrong';
}

/** What a record of that payload takes in a segment, up to where the next one begins. */
export function recordBytes(payloadBytes: number): number {
  return Math.ceil((recordHeadBytes + payloadBytes + checksumBytes) / alignment) * alignment;
}

/**
 * Puts a head and a checksum around a payload that is in place already, `recordHeadBytes` behind `at`. `offset` says where in its
 * segment the record begins; everything before `offset - unsynced` was on the disk when it was written.
 */
export function sealRecord(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  record: { type: number; payloadBytes: number; sequence: number; offset: number; unsynced: number },
): void {
  const { type, payloadBytes, sequence, offset, unsynced } = record;
  view.setUint32(at, payloadBytes);
  view.setUint32(at + 4, type);
  view.setUint32(at + 8, unsynced);
  const head = crc32(bytes.subarray(at, at + 12), seedOf(sequence, offset));
  view.setUint32(at + 12, head);
  const payloadAt = at + recordHeadBytes;
  const checksumAt = at + recordBytes(payloadBytes) - checksumBytes;
  bytes.fill(0, payloadAt + payloadBytes, checksumAt);
  view.setUint32(checksumAt, crc32(bytes.subarray(payloadAt, checksumAt), head));
}

export interface RecordHead {
  readonly type: number;
  readonly payloadBytes: number;
  /** Before this offset everything was on the disk when the record was written. */
  readonly syncedTo: number;
  readonly checksum: number;
}

/** The head of a record at an offset; undefined where there is none. */
export function readHead(bytes: Uint8Array, offset: number, sequence: number): RecordHead | undefined {
  if (offset + recordHeadBytes > bytes.byteLength) return undefined;
  const payloadBytes = readUint32(bytes, offset);
  const type = readUint32(bytes, offset + 4);
  if (payloadBytes > maxPayloadBytes || type === 0 || type > recordTypes.close) return undefined;
  const checksum = readUint32(bytes, offset + 12);
  if (crc32(bytes.subarray(offset, offset + 12), seedOf(sequence, offset)) !== checksum) return undefined;
  return { type, payloadBytes, syncedTo: offset - readUint32(bytes, offset + 8), checksum };
}

/** The payload that follows a head; undefined where it is cut off, or not what was written. */
export function readPayload(
  bytes: Uint8Array,
  offset: number,
  { payloadBytes, checksum }: RecordHead,
): Uint8Array | undefined {
  const from = offset + recordHeadBytes;
  const end = offset + recordBytes(payloadBytes);
  if (end > bytes.byteLength) return undefined;
  const isRight = crc32(bytes.subarray(from, end - checksumBytes), checksum) === readUint32(bytes, end - checksumBytes);
  return isRight ? bytes.subarray(from, from + payloadBytes) : undefined;
}

/** Differs from place to place, so that a record that was moved is not taken for what belongs there. */
function seedOf(sequence: number, offset: number): number {
  return (Math.imul(sequence, 0x9e3779b1) ^ offset) >>> 0;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A safe integer from 0, in 8 bytes. */
export function writeInteger(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value >>> 0);
}

export function readInteger(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) * 2 ** 32 + readUint32(bytes, at + 4);
}

/** Without a `DataView`, of which a reader would need one for each record. */
export function readUint32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16);
  return (high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

import { LogDamagedError } from '../errors.js';
import { preambleBytes, type RecordHead, readHead, readPayload, recordBytes, recordHeadBytes } from './format.js';

/** A segment as it was found. */
export interface SegmentFile {
  readonly path: string;
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** So many of them were on the disk for certain. */
  readonly synced: number;
}

export interface SegmentRecord {
  readonly offset: number;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** Disks write whole sectors: what a power cut left out of a write is missing from one of these borders on. */
const sectorBytes = 512;

/**
 * The records of a segment, one after another. Returns where they end: before the end of the bytes only where the last write was
 * torn by a crash, which can only be in a segment that was written last, behind what was on the disk already. Payloads are views.
 *
 * @throws {LogDamagedError} for what no crash leaves
 */
export function* recordsOf(
  { path, sequence, bytes, synced }: SegmentFile,
  isLast: boolean,
): Generator<SegmentRecord, number> {
  let offset = preambleBytes;
  while (offset < bytes.byteLength) {
    const head = readHead(bytes, offset, sequence);
    const payload = head && readPayload(bytes, offset, head);
    if (!head || !payload) {
      const wasThere = offset < synced || wasSynced(bytes, offset, sequence);
      if (isLast && isTorn(bytes, offset, head) && !wasThere) return offset;
      throw new LogDamagedError(path, offset, 'a record is not what was written');
    }
    yield { offset, type: head.type, payload };
    offset += recordBytes(head.payloadBytes);
  }
  if (offset < synced)
    throw new LogDamagedError(path, offset, `it ends there, and ${synced} bytes of it were on the disk`);
  return offset;
}

/** Whether bytes at an offset can be what a crash left of a write: cut off, or with sectors that were never written. */
function isTorn(bytes: Uint8Array, offset: number, head: RecordHead | undefined): boolean {
  const end = offset + (head ? recordBytes(head.payloadBytes) : recordHeadBytes);
  if (end > bytes.byteLength) return true;
  for (let from = offset; from < end; ) {
    const to = Math.min(end, (Math.floor(from / sectorBytes) + 1) * sectorBytes);
    if (isZero(bytes, from, to)) return true;
    from = to;
  }
  return isZero(bytes, end - 1, bytes.byteLength);
}

/** Whether a later record tells that everything up to here was on the disk already: then it was not a crash that took it. */
function wasSynced(bytes: Uint8Array, damagedAt: number, sequence: number): boolean {
  for (let offset = damagedAt + 8; offset < bytes.byteLength; offset += 8) {
    const head = readHead(bytes, offset, sequence);
    if (head && head.syncedTo > damagedAt && readPayload(bytes, offset, head)) return true;
  }
  return false;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}

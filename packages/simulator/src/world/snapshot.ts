import type { Configuration, LogPosition } from '@hamok/raft';

/** A saved state machine: what it had applied, and the digest of that. */
export interface Snapshot {
  readonly position: LogPosition;
  readonly configuration: Configuration;
  readonly digest: number;
}

const encodedLength = 48;

/** As bytes, to travel in chunks. */
export function encodeSnapshot({ position, digest }: Snapshot): Uint8Array {
  const bytes = new Uint8Array(encodedLength);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, position.index);
  view.setFloat64(8, position.term);
  view.setFloat64(16, position.time);
  view.setUint32(24, digest);
  return bytes;
}

/** The digest of an encoded snapshot of this position. Throws a RangeError where the bytes are of another one. */
export function decodeDigest(bytes: Uint8Array, position: LogPosition): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const same =
    bytes.byteLength === encodedLength &&
    view.getFloat64(0) === position.index &&
    view.getFloat64(8) === position.term &&
    view.getFloat64(16) === position.time;
  if (!same) throw new RangeError(`the chunks do not make the snapshot at ${position.index}`);
  return view.getUint32(24);
}

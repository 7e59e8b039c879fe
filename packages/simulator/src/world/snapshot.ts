import type { Configuration, LogPosition } from '@hamok/raft';

/** A saved state machine: what it had applied, and the digest of that. */
export interface Snapshot {
  readonly position: LogPosition;
  readonly configuration: Configuration;
  readonly digest: number;
}

const blockLength = 16;
const payloadPerBlock = 12;

/**
 * As bytes, to travel in chunks of whole blocks. Each block ends with what only this copy has in common: snapshots of one position that two
 * members took need not be made of the same bytes.
 */
export function encodeSnapshot({ position, digest }: Snapshot, length: number, copy: number): Uint8Array {
  const payload = new DataView(new ArrayBuffer((length / blockLength) * payloadPerBlock));
  payload.setFloat64(0, position.index);
  payload.setFloat64(8, position.term);
  payload.setFloat64(16, position.time);
  payload.setUint32(24, digest);
  const bytes = new DataView(new ArrayBuffer(length));
  for (let at = 0; at < payload.byteLength; at++)
    bytes.setUint8(Math.floor(at / payloadPerBlock) * blockLength + (at % payloadPerBlock), payload.getUint8(at));
  for (let at = payloadPerBlock; at < length; at += blockLength) bytes.setUint32(at, copy);
  return new Uint8Array(bytes.buffer);
}

/** The digest of an encoded snapshot of this position. Throws a RangeError where the bytes are of another one, or of several copies. */
export function decodeDigest(bytes: Uint8Array, position: LogPosition, length: number): number {
  if (bytes.byteLength !== length) throw new RangeError(`the chunks make ${bytes.byteLength} bytes, not ${length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const payload = new DataView(new ArrayBuffer((length / blockLength) * payloadPerBlock));
  for (let at = 0; at < payload.byteLength; at++)
    payload.setUint8(at, view.getUint8(Math.floor(at / payloadPerBlock) * blockLength + (at % payloadPerBlock)));
  for (let at = payloadPerBlock; at < length; at += blockLength)
    if (view.getUint32(at) !== view.getUint32(payloadPerBlock))
      throw new RangeError('the chunks are of several copies');
  const same =
    payload.getFloat64(0) === position.index &&
    payload.getFloat64(8) === position.term &&
    payload.getFloat64(16) === position.time;
  if (!same) throw new RangeError(`the chunks do not make the snapshot at ${position.index}`);
  return payload.getUint32(24);
}

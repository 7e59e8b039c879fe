import { deflate } from './compression.js';
import { crc32c } from './crc32c.js';
import {
  type Compression,
  checksumBytes,
  chunkBytes,
  formatVersion,
  magic,
  preambleBytes,
  recordHeadBytes,
  recordTypes,
  type SnapshotHeader,
} from './format.js';

/** The state of one state machine. */
export interface SnapshotSection {
  /** Names the state machine; once in a container. */
  readonly name: string;
  readonly data: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface WriteOptions {
  /** Default `none`. */
  readonly compression?: Compression;
}

/** Writes a container as a stream: at most one chunk is held at a time. */
export async function* writeSnapshot(
  header: SnapshotHeader,
  sections: AsyncIterable<SnapshotSection> | Iterable<SnapshotSection>,
  { compression = 'none' }: WriteOptions = {},
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const preamble = new Uint8Array(preambleBytes);
  preamble.set(magic);
  new DataView(preamble.buffer).setUint16(magic.byteLength, formatVersion);
  yield preamble;

  let checksum = crc32c(preamble);
  const record = (type: number, payload: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(recordHeadBytes + payload.byteLength + checksumBytes);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, type);
    view.setUint32(1, payload.byteLength);
    bytes.set(payload, recordHeadBytes);
    checksum = crc32c(bytes.subarray(0, recordHeadBytes + payload.byteLength), checksum);
    view.setUint32(recordHeadBytes + payload.byteLength, checksum);
    return bytes;
  };

  yield record(recordTypes.header, encoder.encode(JSON.stringify({ ...header, compression })));
  const names = new Set<string>();
  for await (const { name, data } of sections) {
    if (names.has(name)) throw new TypeError(`two sections named ${name}`);
    names.add(name);
    yield record(recordTypes.section, encoder.encode(name));
    for await (const bytes of data) {
      for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
        const chunk = bytes.subarray(at, at + chunkBytes);
        yield record(recordTypes.chunk, compression === 'deflate' ? await deflate(chunk) : chunk);
      }
    }
  }
  yield record(recordTypes.end, new Uint8Array(0));
}

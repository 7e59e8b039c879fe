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

const encoder = new TextEncoder();

/** Makes the bytes of a container, part by part, in the order in which they stand in it. */
export class ContainerWriter {
  readonly #sections = new Set<string>();
  #checksum = 0;
  #position = 0;

  constructor(private readonly compression: Compression) {}

  /** Bytes made so far. */
  get position(): number {
    return this.#position;
  }

  /** Of everything so far: what the next record's checksum goes on from. */
  get checksum(): number {
    return this.#checksum;
  }

  begin(header: SnapshotHeader): Uint8Array {
    const preamble = new Uint8Array(preambleBytes);
    preamble.set(magic);
    new DataView(preamble.buffer).setUint16(magic.byteLength, formatVersion);
    this.#checksum = crc32c(preamble);
    this.#position = preambleBytes;
    const { gridId, index, term, time, voters, learners, mostVoters } = header;
    const fields = { gridId, index, term, time, voters, learners, mostVoters, compression: this.compression };
    const record = this.#record(recordTypes.header, encoder.encode(JSON.stringify(fields)));
    const bytes = new Uint8Array(preambleBytes + record.byteLength);
    bytes.set(preamble);
    bytes.set(record, preambleBytes);
    return bytes;
  }

  /** @throws {TypeError} for a name that was there */
  section(name: string): Uint8Array {
    if (this.#sections.has(name)) throw new TypeError(`two sections named ${name}`);
    this.#sections.add(name);
    return this.#record(recordTypes.section, encoder.encode(name));
  }

  /** At most `chunkBytes` of the section that was begun last. */
  async chunk(data: Uint8Array): Promise<Uint8Array> {
    return this.#record(recordTypes.chunk, this.compression === 'deflate' ? await deflate(data) : data);
  }

  end(): Uint8Array {
    return this.#record(recordTypes.end, new Uint8Array(0));
  }

  #record(type: number, payload: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(recordHeadBytes + payload.byteLength + checksumBytes);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, type);
    view.setUint32(1, payload.byteLength);
    bytes.set(payload, recordHeadBytes);
    this.#checksum = crc32c(bytes.subarray(0, recordHeadBytes + payload.byteLength), this.#checksum);
    view.setUint32(recordHeadBytes + payload.byteLength, this.#checksum);
    this.#position += bytes.byteLength;
    return bytes;
  }
}

/** Pieces of data as a writer puts them into chunks. */
export function* inChunks(data: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < data.byteLength; at += chunkBytes) yield data.subarray(at, at + chunkBytes);
}

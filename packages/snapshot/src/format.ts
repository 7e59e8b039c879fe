/** What a container says of itself. See FORMAT.md for the bytes. */
export interface SnapshotHeader {
  readonly gridId: string;
  /** The last entry of the log that the state includes: its index, term and log time (ms). */
  readonly index: number;
  readonly term: number;
  readonly time: number;
  /** The members as of that entry, as `id@incarnation`. */
  readonly voters: readonly string[];
  readonly learners: readonly string[];
}

export type Compression = 'none' | 'deflate';

export const formatVersion = 1;

/** "HAMOKSNP", and the version as two bytes, the higher first. */
export const magic = new TextEncoder().encode('HAMOKSNP');
export const preambleBytes = magic.byteLength + 2;

export const recordTypes = { header: 1, section: 2, chunk: 3, end: 4 } as const;

/** A record: its type (1 byte), the length of its payload (4 bytes, the highest first), the payload, a checksum (4 bytes). */
export const recordHeadBytes = 5;
export const checksumBytes = 4;

/** No record is longer, so that nothing is allocated for a length that nobody wrote. */
export const maxPayloadBytes = 16 * 1024 * 1024;
/** What a writer cuts data into. */
export const chunkBytes = 256 * 1024;

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

/** What is counted goes on from here. */
const largest = 2 ** 52;

/** Whether what a header holds is one, as far as that can be told without knowing the grid. */
export function isHeader(value: unknown): value is SnapshotHeader & { compression: Compression } {
  if (typeof value !== 'object' || value === null) return false;
  const header = new Map(Object.entries(value));
  const isTexts = (field: unknown): boolean => Array.isArray(field) && field.every((item) => typeof item === 'string');
  const isNatural = (field: unknown): boolean =>
    Number.isSafeInteger(field) && Number(field) >= 0 && Number(field) < largest;
  return (
    typeof header.get('gridId') === 'string' &&
    ['index', 'term', 'time'].every((field) => isNatural(header.get(field))) &&
    isTexts(header.get('voters')) &&
    isTexts(header.get('learners')) &&
    ['none', 'deflate'].includes(header.get('compression'))
  );
}

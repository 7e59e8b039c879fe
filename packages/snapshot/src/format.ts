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
  /** The most voters that the grid had since it began; absent while it never had more than these. */
  readonly mostVoters?: number | undefined;
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
/** Who comes back takes a higher incarnation than the last: numbers are left for that. */
const incarnations = 2 ** 53 - 2 ** 40;
const maxIdLength = 256;
/** Far more than can agree, and few enough to be looked at one by one. */
const maxMembers = 4096;

/** The id in `id@incarnation`; undefined for what does not name a member. */
function idIn(member: unknown): string | undefined {
  const [, id = '', digits = ''] = typeof member === 'string' ? (/^(.+)@(0|[1-9]\d*)$/s.exec(member) ?? []) : [];
  return id.length > 0 && id.length <= maxIdLength && Number(digits) < incarnations ? id : undefined;
}

/** Whether these are the members of a grid: nobody is there twice, under whatever incarnation. */
function areMembers(voters: unknown, learners: unknown): boolean {
  if (!Array.isArray(voters) || !Array.isArray(learners) || voters.length + learners.length > maxMembers) return false;
  const ids = [...voters, ...learners].map(idIn);
  return !ids.includes(undefined) && new Set(ids).size === ids.length;
}

/** Whether so many can be the most voters that there were, as of these. */
function isMost(mostVoters: unknown, voters: unknown): boolean {
  if (mostVoters === undefined) return true;
  const least = Array.isArray(voters) ? voters.length : 0;
  return Number.isInteger(mostVoters) && Number(mostVoters) >= least && Number(mostVoters) <= maxMembers;
}

/** Whether what a header holds is one, as far as that can be told without knowing the grid. */
export function isHeader(value: unknown): value is SnapshotHeader & { compression: Compression } {
  if (typeof value !== 'object' || value === null) return false;
  const header = new Map(Object.entries(value));
  const isNatural = (field: unknown): boolean =>
    Number.isSafeInteger(field) && Number(field) >= 0 && Number(field) < largest;
  const gridId = header.get('gridId');
  return (
    typeof gridId === 'string' &&
    gridId.length > 0 &&
    ['index', 'term', 'time'].every((field) => isNatural(header.get(field))) &&
    areMembers(header.get('voters'), header.get('learners')) &&
    isMost(header.get('mostVoters'), header.get('voters')) &&
    ['none', 'deflate'].includes(header.get('compression'))
  );
}

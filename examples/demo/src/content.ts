import { createHash } from 'node:crypto';

/** What a member holds of one map. */
export interface MapContent {
  readonly id: string;
  readonly size: number;
  /** SHA-256 over the entries sorted by key. */
  readonly hash: string;
  /** The digest of each value, by key. */
  readonly digests: Readonly<Record<string, string>>;
}

export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}

export function contentOf(id: string, entries: Iterable<readonly [string, unknown]>): MapContent {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256');
  for (const entry of sorted) hash.update(`${JSON.stringify(entry)}\n`);
  return {
    id,
    size: sorted.length,
    hash: hash.digest('hex'),
    digests: Object.fromEntries(sorted.map(([key, value]) => [key, digestOf(value)])),
  };
}

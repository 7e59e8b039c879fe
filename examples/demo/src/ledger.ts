import type { MapContent } from './content.js';

/** A change that a member was told is committed. */
export interface AcknowledgedWrite {
  readonly map: string;
  readonly key: string;
  readonly digest: string;
}

/** What was acknowledged, by whichever member, also by one that is dead by now: the last value of each key. */
export class Ledger {
  readonly #maps = new Map<string, Map<string, string>>();

  record({ map, key, digest }: AcknowledgedWrite): void {
    const digests = this.#maps.get(map) ?? new Map<string, string>();
    this.#maps.set(map, digests);
    digests.set(key, digest);
  }

  has(map: string, key: string): boolean {
    return this.#maps.get(map)?.has(key) ?? false;
  }

  /** Keys written so far. */
  count(map: string): number {
    return this.#maps.get(map)?.size ?? 0;
  }

  /** The writes that a member does not hold, or holds with another value. */
  missingFrom(contents: readonly MapContent[]): AcknowledgedWrite[] {
    const missing: AcknowledgedWrite[] = [];
    for (const [map, digests] of this.#maps) {
      const held = new Map(Object.entries(contents.find(({ id }) => id === map)?.digests ?? {}));
      for (const [key, digest] of digests) if (held.get(key) !== digest) missing.push({ map, key, digest });
    }
    return missing;
  }
}

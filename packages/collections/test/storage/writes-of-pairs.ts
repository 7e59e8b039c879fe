import { expect } from 'vitest';
import type { Storage } from '../../src/index.js';

/** Writes two keys at a time, of which a server that fails may leave both or none, and keeps who was told what. */
export class WritesOfPairs {
  readonly acknowledged: string[] = [];
  refused = 0;

  constructor(private readonly storage: Storage<string, number>) {}

  /** Never rejects: a refusal has to be that of a server that is away. */
  async write(key: string): Promise<void> {
    try {
      await this.storage.setAll([
        [key, 1],
        [`${key}'`, 1],
      ]);
      this.acknowledged.push(key);
    } catch (error) {
      expect(error).toMatchObject({ code: 'storage-unavailable' });
      this.refused += 1;
    }
  }

  writeMany(count: number): Promise<void>[] {
    return Array.from({ length: count }, (_, i) => this.write(`key-${i}`));
  }
}

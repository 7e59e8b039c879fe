import type { ProductMutant } from './product-mutant.js';

/** The bugs of what keeps snapshots. */
export const snapshotMutants: readonly ProductMutant[] = [
  {
    name: 'a chunk of a snapshot that counts for as long as it is stored',
    edits: [
      {
        file: 'snapshot/src/stored-container.ts',
        find: 'const size = chunk.byteLength;',
        replace: 'const size = length;',
      },
    ],
  },
];

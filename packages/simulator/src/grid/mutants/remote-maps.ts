import type { ProductMutant } from './product-mutant.js';

/** The bugs of maps that live in a database. */
export const remoteMapMutants: readonly ProductMutant[] = [
  {
    name: 'a change of a database made again by the next leader',
    edits: [
      {
        file: 'collections/src/remote-map/carry-out-once.ts',
        find: '  if (note.index < index) return undefined;\n',
        replace: '  return undefined;\n',
      },
    ],
  },
  {
    name: 'what is written over told as new',
    edits: [
      {
        file: 'collections/src/remote-map/remote-map-events.ts',
        find: "return before === undefined ? 'insert' : 'update';",
        replace: "return 'insert';",
      },
    ],
  },
];

/**
 * The layers from the top. Whatever a package may not use here, it may not know of.
 * `uses`: packages that its product code may import. `never`: packages that not even its tests may import.
 * `node`: folders of its `src/` that are for Node.js only, each a subpath export or a command.
 *
 * @type {Record<string, { uses: string[], never?: string[], node?: string[] }>}
 */
export const layers = {
  hamok: {
    uses: ['@hamok/collections', '@hamok/raft', '@hamok/transport', '@hamok/snapshot', '@hamok/messages'],
    node: ['cli'],
  },
  '@hamok/collections': { uses: ['@hamok/messages'], never: ['@hamok/raft'], node: ['storage/redis'] },
  '@hamok/raft': { uses: ['@hamok/messages'], node: ['file-log'] },
  '@hamok/transport': { uses: [], node: ['tcp'] },
  '@hamok/snapshot': { uses: [], node: ['file'] },
  '@hamok/messages': { uses: [] },
  // For our own tests, never published.
  '@hamok/simulator': {
    uses: ['hamok', '@hamok/collections', '@hamok/raft', '@hamok/messages'],
    node: ['cli', 'mutants', 'grid', 'storages'],
  },
};

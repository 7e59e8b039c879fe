// The programs that the documents show: their types are checked against what was built, and they run, against the sources.
import { deepStrictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { buildCodeBlocks, type CodeBlock, removeBuilt } from './documents/code-blocks.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What stands around the programs of a package's readme, and which of them are not run here, by their beginnings, with the reason. */
const packages = {
  collections: {
    given: () => import('./documents/surroundings/collections.js'),
    elsewhere: {
      'import { storageConformance': 'run against a storage of its own: own-storage.test.ts',
      "import { memoryStorage } from '@hamok/collections';\nimport { ManualClock": 'run so: memory-conformance.test.ts',
    },
  },
  hamok: {
    given: () => import('./documents/surroundings/hamok.js'),
    elsewhere: {
      "import { Hamok } from 'hamok';\nimport { tcp }": 'waits for other processes: the examples',
      'import { readFile': 'waits for other members: export-import.test.ts',
      'import { fileLog }': 'has directories of its own: restart.test.ts',
    },
  },
  messages: { given: () => import('./documents/surroundings/messages.js'), elsewhere: {} },
  raft: {
    given: () => import('./documents/surroundings/raft.js'),
    elsewhere: {
      "import { RaftNode } from '@hamok/raft';\nimport { tcp }":
        'is one of three processes: the example leader-election',
      "import { RaftNode } from '@hamok/raft';\n\n": 'waits for other members: raft-node.test.ts',
      "import { RaftNode } from '@hamok/raft';\nimport { fileLog }": 'has directories of its own: restart.test.ts',
      'import { logStoreConformance }': 'run against each log store that there is',
    },
  },
  snapshot: { given: () => import('./documents/surroundings/snapshot.js'), elsewhere: {} },
  transport: {
    given: () => import('./documents/surroundings/transport.js'),
    elsewhere: { 'import { transportConformance }': 'run against each transport that there is' },
  },
};

const blocksOf = Object.fromEntries(
  Object.keys(packages).map((name) => [name, buildCodeBlocks(`packages/${name}/README.md`, name)]),
);
afterAll(removeBuilt);
afterEach(() => void vi.restoreAllMocks());

describe('programs in the readmes', () => {
  test.each(['tsconfig.json', 'tsconfig.js.json'])('use what there is, as it is declared: %s', (project) => {
    const { stdout, status } = spawnSync('node_modules/.bin/tsc', ['-p', `tests/documents/${project}`], { cwd: root });
    expect([stdout.toString(), status]).toEqual(['', 0]);
  });
});

describe.each(Object.entries(packages))('the readme of %s', (name, { given, elsewhere }) => {
  const blocks = blocksOf[name] ?? [];
  const isElsewhere = ({ text }: CodeBlock): boolean => Object.keys(elsewhere).some((begin) => text.startsWith(begin));

  test.each(blocks.filter((block) => !isElsewhere(block)))(
    'has a program that runs in line $line',
    async ({ module }) => {
      vi.spyOn(console, 'log').mockImplementation(() => undefined);
      const { default: program } = await import(module);
      await program(await given(), deepStrictEqual);
    },
  );

  test('has no other programs but those that run elsewhere', () => {
    expect(blocks.length).toBeGreaterThan(0);
    expect(blocks.filter(isElsewhere)).toHaveLength(Object.keys(elsewhere).length);
  });

  afterAll(async () => {
    const surroundings = await given();
    if ('close' in surroundings) await surroundings.close();
  });
});

test('the first program of the readmes is the one that is kept as an example, and prints what it says', async () => {
  const file = join(root, 'packages/hamok/examples/quick-start.mjs');
  const block = `\`\`\`js\n${readFileSync(file, 'utf8')}\`\`\``;
  for (const readme of ['README.md', 'packages/hamok/README.md']) {
    expect(readFileSync(join(root, readme), 'utf8')).toContain(block);
  }
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await import(file);
  expect(log.mock.calls).toEqual([[true, 2]]);
});

test('the readmes explain every code of an error', () => {
  const names = ['messages', 'raft', 'snapshot', 'transport', 'collections', 'hamok'];
  const read = (name: string, path: string): string => readFileSync(join(root, 'packages', name, path), 'utf8');
  const codes = names.flatMap((name) =>
    [...read(name, 'src/errors.ts').matchAll(/(?:super\(|\bcode(?:: \w+)? = )'([a-z-]+)'/g)].map(
      ([, code]) => `\`${code}\``,
    ),
  );
  expect(codes.length).toBeGreaterThan(50);
  const readmes = names.map((name) => read(name, 'README.md')).join('\n');
  expect(codes.filter((code) => !readmes.includes(code))).toEqual([]);
});

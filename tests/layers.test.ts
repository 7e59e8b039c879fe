import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkWorkspace } from '../scripts/layers/check.mjs';

const script = fileURLToPath(new URL('../scripts/check-layers.mjs', import.meta.url));
let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'layers-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

const manifest = (name: string, fields: object = {}): string =>
  JSON.stringify({ name, exports: { '.': './dist/index.js', './testing': './dist/testing/index.js' }, ...fields });

/** A workspace that keeps every rule. */
const sound: Files = {
  'package.json': JSON.stringify({ devDependencies: { vitest: '1' } }),
  'packages/messages/package.json': manifest('@hamok/messages'),
  'packages/messages/src/index.ts': 'export const one = 1;',
  'packages/transport/package.json': manifest('@hamok/transport', { exports: { '.': {}, './tcp': {} } }),
  'packages/transport/src/index.ts': 'export {};',
  'packages/transport/src/tcp/index.ts': "import { connect } from 'node:net'; export { connect };",
  'packages/raft/package.json': manifest('@hamok/raft', {
    dependencies: { '@hamok/messages': '1', eventemitter3: '1' },
    devDependencies: { 'fast-check': '1' },
  }),
  'packages/raft/src/index.ts':
    "import { EventEmitter } from 'eventemitter3'; export * from './core/term.js'; EventEmitter;",
  'packages/raft/src/core/term.ts': "import { one } from '@hamok/messages'; export const first = one;",
  'packages/raft/test/term.test.ts':
    "import { test } from 'vitest'; import fc from 'fast-check'; import { first } from '../src/core/term.js'; import '@hamok/raft';",
  'packages/collections/package.json': manifest('@hamok/collections', { dependencies: { '@hamok/messages': '1' } }),
  'packages/collections/src/index.ts': "export { one } from '@hamok/messages';",
  'packages/hamok/package.json': manifest('hamok', {
    dependencies: { '@hamok/raft': '1', '@hamok/collections': '1', '@hamok/transport': '1' },
  }),
  'packages/hamok/src/index.ts': "import '@hamok/raft'; import '@hamok/collections'; import '@hamok/transport';",
  'examples/demo/package.json': manifest('demo', { dependencies: { hamok: '1', '@hamok/transport': '1' } }),
  'examples/demo/src/main.ts': "import 'node:fs'; import 'hamok'; import '@hamok/transport/tcp';",
};

let trees = 0;
const plant = (planted: Files): string => {
  const root = join(scratch, String(trees++));
  for (const [path, content] of Object.entries({ ...sound, ...planted })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
};

test('a workspace that keeps the layers passes', () => {
  expect(checkWorkspace(plant({}))).toMatchObject({ violations: [], allowed: [] });
});

test('a circle of types only is allowed, and said', () => {
  const { violations, allowed } = checkWorkspace(
    plant({
      'packages/raft/src/core/a.ts': "import type { B } from './b.js'; export class A { b?: B }",
      'packages/raft/src/core/b.ts': "import { A } from './a.js'; export class B extends A {}",
    }),
  );
  const [a, b] = ['packages/raft/src/core/a.ts', 'packages/raft/src/core/b.ts'];
  expect(violations).toEqual([]);
  expect(allowed).toEqual([`circle of types only: ${a} -> ${b} -> ${a}`]);
});

test('the command exits with 1 where it finds a violation, with 0 where it finds none', () => {
  const run = (root: string) => spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
  const bad = run(plant(term("import 'lodash';")));
  expect(bad.stderr).toContain('packages/raft/src/core/term.ts:1 imports lodash');
  expect(bad.status).toBe(1);
  expect(run(plant({})).status).toBe(0);
});

test('a file that does not parse is an error, never skipped', () => {
  expect(() => checkWorkspace(plant(term('import from')))).toThrow(SyntaxError);
});

const messagesTo = (target: string): Files => ({
  'packages/messages/package.json': manifest('@hamok/messages', { dependencies: { [target]: '1' } }),
});
const upward = (code: string): Files => ({ ...messagesTo('@hamok/raft'), 'packages/messages/src/index.ts': code });
const term = (code: string): Files => ({ 'packages/raft/src/core/term.ts': code });

const violations: Record<string, { planted: Files; says: string }> = {
  'an upward import': {
    planted: upward("import '@hamok/raft';"),
    says: 'packages/messages/src/index.ts:1 imports @hamok/raft, which the layers do not allow',
  },
  'an upward import of types': {
    planted: upward("import type { A } from '@hamok/raft';"),
    says: 'the layers do not allow',
  },
  'an upward import() of types': {
    planted: upward("export type A = import('@hamok/raft').A;"),
    says: 'index.ts:1 imports @hamok/raft',
  },
  'an upward import()': { planted: upward("\n\nawait import('@hamok/raft');"), says: 'index.ts:3 imports @hamok/raft' },
  'an upward import() of a template': {
    planted: upward('await import(`@hamok/raft`);'),
    says: 'index.ts:1 imports @hamok/raft',
  },
  'an upward export from': {
    planted: upward("export { A } from '@hamok/raft';"),
    says: 'index.ts:1 imports @hamok/raft',
  },
  'an upward export * from': {
    planted: upward("export * as raft from '@hamok/raft';"),
    says: 'index.ts:1 imports @hamok/raft',
  },
  'an upward require': {
    planted: upward("const raft = require('@hamok/raft');"),
    says: 'index.ts:1 imports @hamok/raft',
  },
  'an upward import = require': {
    planted: upward("import raft = require('@hamok/raft');"),
    says: 'index.ts:1 imports @hamok/raft',
  },
  'an upward dependency that nothing imports': {
    planted: messagesTo('@hamok/transport'),
    says: 'packages/messages/package.json depends on @hamok/transport: the layers do not allow it',
  },
  'a sideways import': {
    planted: {
      'packages/raft/package.json': manifest('@hamok/raft', { peerDependencies: { '@hamok/transport': '1' } }),
      ...term("import '@hamok/transport';"),
    },
    says: 'imports @hamok/transport, which the layers do not allow',
  },
  'a package outside the table': {
    planted: { 'packages/extra/package.json': manifest('@hamok/extra') },
    says: 'packages/extra is missing from the table of layers',
  },
  'collections that declare raft for their tests': {
    planted: {
      'packages/collections/package.json': manifest('@hamok/collections', { devDependencies: { '@hamok/raft': '1' } }),
    },
    says: 'packages/collections/package.json depends on @hamok/raft: not even its tests may',
  },
  'a test of collections that imports raft': {
    planted: { 'packages/collections/test/map.test.ts': "import '@hamok/raft';" },
    says: 'packages/collections/test/map.test.ts:1 imports @hamok/raft: not even its tests may',
  },
  'a circle between packages, closed by a development dependency': {
    planted: {
      'packages/messages/package.json': manifest('@hamok/messages', { devDependencies: { '@hamok/raft': '1' } }),
    },
    says: 'circle between packages: @hamok/messages -> @hamok/raft -> @hamok/messages',
  },
  'a circle between modules': {
    planted: {
      'packages/raft/src/core/a.ts': "export * from './b.js';",
      'packages/raft/src/core/b.ts': "export * from './c.js';",
      'packages/raft/src/core/c.ts': "export * from './a.js';",
    },
    says: 'circle between modules: packages/raft/src/core/a.ts -> packages/raft/src/core/b.ts -> packages/raft/src/core/c.ts -> packages/raft/src/core/a.ts',
  },
  'a circle whose inline types leave the import standing': {
    planted: {
      'packages/raft/src/core/a.ts': "import { type B } from './b.js'; export class A { b?: B }",
      'packages/raft/src/core/b.ts': "import { A } from './a.js'; export class B extends A {}",
    },
    says: 'circle between modules',
  },
  'an undeclared dependency': {
    planted: term("import 'lodash';"),
    says: 'imports lodash, which its package.json does not declare',
  },
  'an undeclared package of the workspace': {
    planted: { 'packages/raft/package.json': manifest('@hamok/raft', { dependencies: { eventemitter3: '1' } }) },
    says: 'packages/raft/src/core/term.ts:1 imports @hamok/messages, which its package.json does not declare',
  },
  'a development dependency in product code': {
    planted: term("import 'fast-check';"),
    says: 'term.ts:1 imports fast-check, which its package.json does not declare',
  },
  'a dependency of the root in product code': {
    planted: term("import type { Mock } from 'vitest';"),
    says: 'term.ts:1 imports vitest, which its package.json does not declare',
  },
  'an undeclared dependency of a test': {
    planted: { 'packages/raft/test/term.test.ts': "import 'lodash';" },
    says: 'packages/raft/test/term.test.ts:1 imports lodash',
  },
  'an undeclared dependency of an example': {
    planted: { 'examples/demo/src/main.ts': "import '@hamok/raft';" },
    says: 'examples/demo/src/main.ts:1 imports @hamok/raft, which its package.json does not declare',
  },
  'a deep import by name': {
    planted: term("import '@hamok/messages/src/index.js';"),
    says: 'imports @hamok/messages/src/index.js, which @hamok/messages does not export',
  },
  'a deep import by path, from a test': {
    planted: { 'packages/raft/test/term.test.ts': "import '../../messages/src/index.js';" },
    says: 'imports ../../messages/src/index.js, outside its own package',
  },
  'product code that imports its tests': {
    planted: term("import '../../test/term.test.js';"),
    says: 'which is not product code',
  },
  'product code that imports its package by name': {
    planted: term("import '@hamok/raft/testing';"),
    says: 'its own package, by name',
  },
  'a computed import': {
    planted: term('export const load = (name: string) => import(name);'),
    says: 'imports a computed name',
  },
  'a Node.js module where browsers run': {
    planted: term("import type { Socket } from 'node:net';"),
    says: 'imports node:net outside the folders that are for Node.js only',
  },
  'a Node.js module by its bare name': { planted: term("import 'fs';"), says: 'imports fs outside the folders' },
  'a folder for Node.js reached from the main entry': {
    planted: { 'packages/transport/src/index.ts': "export * from './tcp/index.js';" },
    says: 'imports ./tcp/index.js, which is for Node.js only',
  },
  "another package's subpath for Node.js": {
    planted: { 'packages/hamok/src/index.ts': "import '@hamok/transport/tcp';" },
    says: 'imports @hamok/transport/tcp, which is for Node.js only',
  },
};

describe('fails on', () => {
  for (const [name, { planted, says }] of Object.entries(violations)) {
    test(name, () => {
      expect(checkWorkspace(plant(planted)).violations.join('\n')).toContain(says);
    });
  }
});

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'globals-'));
  cpSync(join(root, 'biome.json'), join(scratch, 'biome.json'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const denied = (path: string, code: string): string[] => {
  const file = join(scratch, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
  const args = ['lint', '--vcs-enabled=false', '--reporter=github', file];
  const { stdout, stderr, status } = spawnSync(process.execPath, [biome, ...args], { cwd: scratch, encoding: 'utf8' });
  const names = [...stdout.matchAll(/Do not use (?:the global variable )?'?(\w+(?:\.\w+)?)/g)].map(
    ([, name]) => name ?? '',
  );
  if (status !== (names.length > 0 ? 1 : 0)) throw new Error(stdout + stderr);
  return names.sort();
};

const names = [
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'process',
  'Buffer',
];
const code = `${names.map((name) => `export const from${name} = ${name};`).join('\n')}
export const random = Math.random();
export const hidden = globalThis.Date;
export const own = (performance: number): number => performance;
`;

test('product code gets time, timers and randomness passed in', () => {
  for (const name of ['raft', 'collections', 'snapshot', 'hamok', 'messages'])
    expect(denied(`packages/${name}/src/core/x.ts`, code)).toEqual([...names, 'Math.random', 'globalThis'].sort());
});

test('a transport may use timers, but what browsers lack only behind a subpath for Node.js', () => {
  expect(denied('packages/transport/src/memory/x.ts', code)).toEqual(['Buffer', 'process', 'setImmediate']);
  expect(denied('packages/transport/src/tcp/x.ts', code)).toEqual([]);
});

test('the system clock and tests are free to use them', () => {
  expect(denied('packages/raft/src/ports/clock.ts', code)).toEqual([]);
  expect(denied('packages/raft/test/x.test.ts', code)).toEqual([]);
});

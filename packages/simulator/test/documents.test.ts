import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { watchedClients } from '../src/grid/watched-clients.js';
import { allInvariants } from '../src/invariants/index.js';
import { storageInvariants } from '../src/storages/invariants/index.js';

/** The cells of the tables of a document, row by row. */
function rowsOf(path: string): string[][] {
  const lines = readFileSync(new URL(path, import.meta.url), 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| |\|$/g, '').trim()));
}

test('INVARIANTS.md lists what is checked, each with its source', () => {
  const listed = rowsOf('../../../INVARIANTS.md').map(([name, , source]) => `${name}: ${source}`);
  const all = [...allInvariants(), ...watchedClients().invariants, ...storageInvariants({ requestTimeoutInMs: 1 })];
  const checked = all.filter(({ name }) => name !== 'cores');
  expect(checked.length).toBeGreaterThan(30);
  for (const { name, source } of checked) expect(listed).toContain(`${name}: ${source}`);
});

test('INVARIANTS.md lists whatever a simulation may say to be violated', () => {
  const sources = new URL('../src/', import.meta.url);
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const said = files.flatMap((file) => {
    const text = readFileSync(new URL(file, sources), 'utf8');
    return [...text.matchAll(/(?:Violation|violation|#violated)\(\s*'([^']+)'/g)].map(([, name = '']) => name);
  });
  const listed = rowsOf('../../../INVARIANTS.md').flatMap(([names = '']) => [names, ...names.split(', ')]);
  expect(said.length).toBeGreaterThan(20);
  expect(said.filter((name) => !listed.includes(name))).toEqual([]);
});

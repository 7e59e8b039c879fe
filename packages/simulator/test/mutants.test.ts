import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { productMutants } from '../src/grid/mutants/table.js';
import { hunt } from '../src/mutants/hunt.js';
import { plant } from '../src/mutants/plant.js';
import { mutants } from '../src/mutants/table.js';
import { simulate } from '../src/simulation.js';

const caughtBy: Record<string, string[]> = {
  'no election restriction': ['leader completeness'],
  'stale suffix kept': ['state machine safety', 'committed on a voter quorum'],
  'an old-term entry committed by count': ['committed on a voter quorum'],
};

describe('a planted bug is caught', () => {
  test.each(Object.keys(caughtBy))('%s', { timeout: 60_000 }, async (name) => {
    const mutant = mutants.find((candidate) => candidate.name === name);
    if (!mutant) expect.unreachable(`${name} is not in the table`);
    const createCore = plant(mutant);
    const caught = await hunt((seed) => simulate({ seed, ticks: 20_000, createCore }), 1, 200);
    expect(caughtBy[name]).toContain(caught?.failure.invariant);
  });

  test('a mutant whose text is not in the source is an error, not a survivor', () => {
    expect(() => plant({ name: 'nowhere', file: 'log.ts', find: 'no such text', replace: '' })).toThrow(
      'occurs 0 times',
    );
  });
});

describe('each bug of the tables', () => {
  const sources = new URL('../../', import.meta.url);
  const textOf = (file: string): string => readFileSync(new URL(file, sources), 'utf8');
  const edits = [
    ...mutants.flatMap(({ name, also = [], ...first }) =>
      [first, ...also].map(({ file, find }) => ({ name, file: `raft/src/core/${file}`, find })),
    ),
    ...productMutants.flatMap(({ name, edits: all }) => all.map(({ file, find }) => ({ name, file, find }))),
  ];

  test('has its place in the sources, exactly once', () => {
    const misplaced = edits.filter(({ file, find }) => textOf(file).split(find).length !== 2);
    expect(misplaced.map(({ name, file }) => `${name}: ${file}`)).toEqual([]);
  });

  test('has a name of its own', () => {
    const names = [...mutants, ...productMutants].map(({ name }) => name);
    expect(mutants.length + productMutants.length).toBeGreaterThan(80);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(new Set(productMutants.map(({ name }) => name)).size).toBe(productMutants.length);
    expect(names).not.toContain('');
  });

  test('that MUTANTS.md tells of was caught within 500 seeds', () => {
    const rows = textOf('simulator/MUTANTS.md')
      .split('\n')
      .slice(6)
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(([, , name]) => name);
    expect(rows.length).toBeGreaterThan(20);
    for (const [, , , seeds] of rows) expect(Number(seeds)).toSatisfy((count: number) => count >= 1 && count <= 500);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bugs } from '../src/cli/bugs.js';
import { productMutants } from '../src/grid/mutants/table.js';
import { hunt } from '../src/mutants/hunt.js';
import { plant } from '../src/mutants/plant.js';
import { mutants } from '../src/mutants/table.js';
import { simulate } from '../src/simulation.js';
import { storageMutants } from '../src/storages/mutants/table.js';

const caughtBy: Record<string, string[]> = {
  'no election restriction': ['votes are deserved', 'leader completeness'],
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
    ...[...productMutants, ...storageMutants].flatMap(({ name, edits: all }) =>
      all.map(({ file, find }) => ({ name, file, find })),
    ),
  ];

  test('has its place in the sources, exactly once', () => {
    const misplaced = edits.filter(({ file, find }) => textOf(file).split(find).length !== 2);
    expect(misplaced.map(({ name, file }) => `${name}: ${file}`)).toEqual([]);
  });

  test('has a name of its own, whatever the table', () => {
    const names = bugs.map(({ name }) => name);
    expect(names.length).toBe(mutants.length + productMutants.length + storageMutants.length);
    expect(names.filter((name, at) => name === '' || names.indexOf(name) !== at)).toEqual([]);
  });

  describe('was caught within 500 seeds of each range, as MUTANTS.md tells', () => {
    const [, , ...rows] = textOf('simulator/MUTANTS.md')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.slice(1, -1).split(' | '))
      .map((row) => row.map((cell) => cell.trim()));
    const isCaught = (seeds: string): boolean => Number(seeds) >= 1 && Number(seeds) <= 500;
    const rowsOf = (simulation: string): string[][] => rows.filter(([what]) => what === simulation);
    const namesOf = (simulation: string): string[] =>
      bugs.filter(({ what }) => what === simulation).map(({ name }) => name);

    test.each(['core', 'grid', 'storages'])('all of the simulation %s', (simulation) => {
      expect(rowsOf(simulation).map(([, name]) => name)).toEqual(namesOf(simulation));
      for (const [, name, ...figures] of rowsOf(simulation)) {
        const seeds = figures.slice(0, -1);
        expect({ name, seeds: seeds.filter(isCaught) }).toEqual({ name, seeds });
        expect(seeds.length).toBe(3);
      }
    });
  });
});

import { expect, test } from 'vitest';
import { plantProduct } from '../../src/grid/mutants/plant-product.js';
import { productMutants } from '../../src/grid/mutants/table.js';
import { simulateGrid } from '../../src/grid/simulate-grid.js';
import { hunt } from '../../src/mutants/hunt.js';

const caughtBy: Record<string, string> = {
  'insert that overwrites': 'a command does what it says',
  'two members bootstrapping apart': 'a grid begins with whom it was told',
};

test.each(Object.keys(caughtBy))('a bug planted in the product is caught: %s', { timeout: 120_000 }, async (name) => {
  const mutant = productMutants.find((candidate) => candidate.name === name);
  if (!mutant) expect.unreachable(`${name} is not in the table`);
  const product = plantProduct(mutant);
  const caught = await hunt((seed) => simulateGrid({ seed, ticks: 8000, product }), 1, 20);
  expect(caught?.failure.invariant).toBe(caughtBy[name]);
});

test('a mutant whose text is not in the source is an error, not a survivor', () => {
  const edits = [{ file: 'raft/src/core/log.ts', find: 'no such text', replace: '' }];
  expect(() => plantProduct({ name: 'nowhere', edits })).toThrow('occurs 0 times');
});

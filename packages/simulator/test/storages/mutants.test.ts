import { expect, test } from 'vitest';
import { plantPackage } from '../../src/grid/mutants/plant-product.js';
import { hunt } from '../../src/mutants/hunt.js';
import { storageMutants } from '../../src/storages/mutants/table.js';
import { simulateStorages } from '../../src/storages/simulate-storages.js';
import type { StoragesProduct } from '../../src/storages/storages-world.js';

test('a bug planted in the storages is caught: two members choose a holder', { timeout: 120_000 }, async () => {
  const mutant = storageMutants.find(({ name }) => name === 'a holder chosen by others than the home');
  if (mutant === undefined) expect.unreachable('it is not in the table');
  const product = plantPackage<StoragesProduct>(mutant, 'collections');
  const caught = await hunt((seed) => simulateStorages({ seed, ms: 8000, product }), 1, 10);
  expect(caught?.failure.invariant).toBe('one holder a key');
});

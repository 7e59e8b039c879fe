import { expect, test } from 'vitest';
import { plantPackage } from '../../src/grid/mutants/plant-product.js';
import { huntStorages } from '../../src/storages/mutants/hunt-storages.js';
import { storageMutants } from '../../src/storages/mutants/table.js';
import type { StoragesProduct } from '../../src/storages/storages-world.js';

test('a bug planted in the storages is caught: two members choose a holder', { timeout: 120_000 }, async () => {
  const mutant = storageMutants.find(({ name }) => name === 'a holder chosen by others than the home');
  if (mutant === undefined) expect.unreachable('it is not in the table');
  const caught = await huntStorages(plantPackage<StoragesProduct>(mutant, 'collections'), 1, 10, 8000);
  expect(caught?.failure.invariant).toBe('one holder a key');
});

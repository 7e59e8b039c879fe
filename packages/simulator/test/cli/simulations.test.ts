import { expect, test } from 'vitest';
import { checkOverrides, simulationNames } from '../../src/cli/simulations.js';

test.each(simulationNames)('of %s, what seeds draw is allowed, and no fault that there is not', (what) => {
  checkOverrides(what, {});
  expect(() => checkOverrides(what, { faults: ['no such fault'] })).toThrow(
    `no class of faults of ${what} is called no such fault: there are `,
  );
});

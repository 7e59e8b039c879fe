import { cores } from './cores.js';
import { equalStates } from './equal-states.js';
import type { GridInvariant } from './grid-invariant.js';
import { noUnexpectedErrors } from './no-unexpected-errors.js';
import { oneGrid } from './one-grid.js';

/** All of them, for one run. */
export function gridInvariants(): GridInvariant[] {
  return [cores(), equalStates(), oneGrid(), noUnexpectedErrors()];
}

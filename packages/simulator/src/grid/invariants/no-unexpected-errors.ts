import { Violation } from '../../invariants/invariant.js';
import type { GridInvariant } from './grid-invariant.js';

/** What the faults may cause: two processes with one id, grids that meet, and snapshots that cannot be kept or read. */
const expected = new Set(['duplicate-member', 'grid-conflict', 'store-failure']);

/** Whatever the network and the other processes do, a member tells of no error but those that the faults explain, and never fails. */
export function noUnexpectedErrors(): GridInvariant {
  const name = 'no unexpected errors';
  return {
    name,
    source: 'architecture: "Failure is part of the interface"',
    onError(process, error) {
      const code = 'code' in error ? `${error.code}` : error.name;
      if (!expected.has(code)) throw new Violation(name, `${process.name}: ${code}: ${error.stack ?? error.message}`);
    },
  };
}

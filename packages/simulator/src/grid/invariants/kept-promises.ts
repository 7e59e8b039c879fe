import { Violation } from '../../invariants/invariant.js';
import type { GridInvariant } from './grid-invariant.js';

/** Who comes back from its disk goes on in the term that is there, with the vote that it gave in it. */
export function keptPromises(): GridInvariant {
  const name = 'a restart finds the vote';
  return {
    name,
    source: 'Raft paper, figure 2 (persistent state)',
    onStep({ name: process, core, disk }) {
      const { term, vote } = disk?.hardState ?? {};
      if (!core || term === undefined) return;
      if (term > core.term || (term === core.term && vote !== undefined && vote !== core.vote))
        throw new Violation(name, `${process} is in term ${core.term} with vote ${core.vote}, stored ${term}, ${vote}`);
    },
  };
}

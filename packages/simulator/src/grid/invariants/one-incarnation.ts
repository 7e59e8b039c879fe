import { type Configuration, idOf } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { GridInvariant } from './grid-invariant.js';

/** A grid never counts two incarnations of one id: the one before is removed before the next one is added. */
export function oneIncarnation(): GridInvariant {
  const name = 'one incarnation of an id';
  const seen = new WeakSet<Configuration>();
  return {
    name,
    source: 'architecture, rule 5',
    onStep({ name: process, core }) {
      if (!core || seen.has(core.configuration)) return;
      seen.add(core.configuration);
      const { voters, learners } = core.configuration;
      const members = [...voters, ...learners];
      if (new Set(members.map(idOf)).size < members.length)
        throw new Violation(name, `${process} goes by [${members.join(' ')}]`);
    },
  };
}

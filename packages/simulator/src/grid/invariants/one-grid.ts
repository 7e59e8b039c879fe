import type { Configuration } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { GridInvariant } from './grid-invariant.js';

/**
 * Members that were told who they are, or how many, begin one grid that lives: no two ever commit something. And whatever they
 * were told, the members that a grid began with are the same for everyone in it.
 */
export function oneGrid(): GridInvariant {
  const name = 'one bootstrap';
  let living: string | undefined;
  const founders = new Map<string, string>();
  /** What was compared already: configurations do not change. */
  const compared = new WeakSet<Configuration>();
  return {
    name,
    source: 'architecture, rules 3 and 4',
    onStep(process) {
      const { core, gridId, world } = process;
      if (!core || gridId === undefined) return;
      const { log } = core;
      const founding = log.base.index === -1 ? log.configurationAt(-1) : undefined;
      if (founding && !compared.has(founding)) {
        compared.add(founding);
        const began = founding.voters.join();
        const first = founders.get(gridId) ?? began;
        if (first !== began)
          throw new Violation(name, `${gridId} began as [${first}], for ${process.name} as [${began}]`);
        founders.set(gridId, first);
      }
      if (world.plan.founding === 'found' || log.commitIndex < 0) return;
      living ??= gridId;
      if (living !== gridId)
        throw new Violation(name, `${process.name} committed something in ${gridId}, others did in ${living}`);
    },
  };
}

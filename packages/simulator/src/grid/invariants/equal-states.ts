import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** States are compared at every index that this divides: what went apart stays apart. */
const every = 64;

/**
 * Two members that have applied the same index hold the same state, to the byte: contents, sessions with their results, waits,
 * holds, deadlines.
 */
export function equalStates(): GridInvariant {
  const name = 'state machine safety';
  const digests = new Map<string, { readonly digest: number; readonly first: string }>();
  const compare = (process: Process, where: string, digest: number): void => {
    const known = digests.get(where);
    process.world.counters.statesCompared++;
    if (known === undefined) digests.set(where, { digest, first: process.name });
    else if (known.digest !== digest)
      throw new Violation(name, `${process.name} holds another state at ${where} than ${known.first}`);
  };
  return {
    name,
    source: 'Raft paper, figure 3; §5.4.3; architecture: "Determinism"',
    onApplied(process, { index }) {
      if (index % every !== 0) return;
      const where = `${process.gridId} ${index}`;
      const { world } = process;
      digestOf(process).then(
        (digest) => world.check(() => compare(process, where, digest)),
        (error: unknown) => world.violate(error),
      );
    },
  };
}

/** FNV-1a over what a snapshot would hold, cut now. */
async function digestOf({ hamok }: Process): Promise<number> {
  let digest = 0x811c9dc5;
  for await (const chunk of hamok.raft?.stateMachine.snapshot?.() ?? [])
    for (let at = 0; at < chunk.length; at++) digest = Math.imul(digest ^ (chunk[at] ?? 0), 0x01000193);
  return digest >>> 0;
}

import type { Entry, MemberId, RaftCore } from '@hamok/raft';
import { membersOf, Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** As whom, and where, a process takes part. */
interface Membership {
  readonly member: MemberId;
  readonly gridId: string;
  readonly core: RaftCore;
}

/**
 * Who comes back as another incarnation, and knew that it had a vote, was removed: whoever else makes it go takes a voter away. Only a grid that
 * cannot come to life, and holds nothing, is given up.
 */
export class Returns implements GridInvariant {
  readonly name = 'who comes back was removed';
  readonly source = 'architecture, rules 3 and 5; HamokEventMap: rejoining';
  readonly #last = new WeakMap<Process, Membership>();
  /** By grid. */
  readonly #removed = new Map<string, Set<MemberId>>();

  onSpawn(process: Process): void {
    process.hamok.on('rejoining', () => process.world.check(() => this.#check(process)));
  }

  onStep(process: Process): void {
    const { core, member, gridId } = process;
    if (!core || member === undefined || gridId === undefined || this.#last.get(process)?.core === core) return;
    this.#last.set(process, { core, member, gridId });
  }

  onApplied({ core, gridId }: Process, { index, configuration }: Entry): void {
    if (!core || gridId === undefined || !configuration) return;
    const removed = this.#removed.get(gridId) ?? new Set();
    this.#removed.set(gridId, removed);
    const members = membersOf(configuration);
    for (const before of membersOf(core.log.configurationAt(index - 1)))
      if (!members.includes(before)) removed.add(before);
  }

  #check(process: Process): void {
    const { core, member, gridId } = this.#last.get(process) ?? {};
    if (!core || member === undefined || gridId === undefined) return;
    const { log, configuration } = core;
    const hasVote = [configuration, log.configurationAt(log.appliedIndex)].every(({ voters }) =>
      voters.includes(member),
    );
    if (hasVote && !isUnused(core) && !this.#removed.get(gridId)?.has(member))
      throw new Violation(this.name, `${process.name} is ${member} no more, and nobody removed it`);
  }
}

/** There is nothing in the log but what leaders begin their terms with. */
function isUnused({ log }: RaftCore): boolean {
  for (let index = log.firstIndex; index <= log.lastIndex; index++) if (log.get(index)?.kind !== 'no-op') return false;
  return true;
}

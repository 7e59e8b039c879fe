import type { Configuration, Entry, MemberId, RaftCore } from '@hamok/raft';
import { membersOf, Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** What is known of the members of a grid. */
interface Known {
  /** As of the latest change that anyone applied, or as it began. */
  index: number;
  members: readonly MemberId[];
  /** Who knew that it was a member, and may have asked for something as one. */
  readonly aware: Set<MemberId>;
  /** Those of them who were removed after that. */
  readonly closed: Set<MemberId>;
}

/** Who applies something, and who else is there. */
type Witness = Pick<Process, 'gridId' | 'member' | 'name' | 'core'> & {
  readonly world: { readonly processes: readonly Pick<Process, 'gridId' | 'core'>[] };
};

/** A grid does not let in again, as the same incarnation, who was removed after it knew that it was a member. */
export class ClosedSessions implements GridInvariant {
  readonly name = 'no session is opened again';
  readonly source = 'architecture: "Applied once" (a session is a membership), rule 5';
  readonly #grids = new Map<string, Known>();
  /** What each goes by that was looked at, which is step after step. */
  readonly #seen = new WeakMap<RaftCore, Configuration>();

  /** Also who founds a grid, or takes over a snapshot, knows who is in it. */
  onStep(process: Witness): void {
    const { core, gridId } = process;
    if (!core || gridId === undefined) return;
    const { appliedIndex } = core.log;
    const configuration = core.log.configurationAt(appliedIndex);
    if (this.#seen.get(core) === configuration) return;
    this.#seen.set(core, configuration);
    this.#learns(process, appliedIndex, configuration, this.#knownOf(gridId, core));
  }

  onApplied(process: Witness, { index, configuration }: Entry): void {
    const { gridId, core } = process;
    if (configuration === undefined || gridId === undefined) return;
    const known = this.#knownOf(gridId, core);
    if (index > known.index) {
      const members = membersOf(configuration);
      for (const before of known.members)
        if (!members.includes(before) && known.aware.has(before)) known.closed.add(before);
      known.index = index;
      known.members = members;
      const again = members.find((present) => known.closed.has(present));
      if (again !== undefined)
        throw new Violation(
          this.name,
          `${again} is in the grid again by the entry ${index}, which ${process.name} applied`,
        );
    }
    this.#learns(process, index, configuration, known);
  }

  #learns(process: Witness, index: number, configuration: Configuration, { aware }: Known): void {
    const { member } = process;
    if (member === undefined || !membersOf(configuration).includes(member)) return;
    if (!isRemovedAfter(process, index, member)) aware.add(member);
  }

  /** Whoever is in a grid first is one of those that it begins with. */
  #knownOf(gridId: string, core: RaftCore | undefined): Known {
    const members = core ? membersOf(core.log.configurationAt(core.log.base.index)) : [];
    const known = this.#grids.get(gridId) ?? { index: -1, members, aware: new Set(), closed: new Set() };
    this.#grids.set(gridId, known);
    return known;
  }
}

/** It applies late that it was let in: some know already that it was removed since, though they may not have applied that. */
function isRemovedAfter({ world, gridId }: Witness, index: number, member: MemberId): boolean {
  return world.processes.some((other) => {
    if (other.gridId !== gridId || !other.core) return false;
    const { log } = other.core;
    return log.commitIndex > index && !membersOf(log.configurationAt(log.commitIndex)).includes(member);
  });
}

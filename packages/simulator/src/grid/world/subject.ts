import type { Configuration, HardState, LogPosition, MemberId, RaftCore } from '@hamok/raft';
import { membersOf } from '../../invariants/invariant.js';
import type { Subject } from '../../invariants/subject.js';
import type { Disk } from './disk.js';

/**
 * One incarnation in one grid, for one life of its process. Without a disk, what it holds is all that there is of it, and a dead one shows
 * what it held last. With one that syncs late the same is true of its entries.
 */
export class GridMember implements Subject {
  readonly machine = { index: -1 };
  readonly #synced: Disk | undefined;

  constructor(
    readonly id: MemberId,
    readonly gridId: string,
    readonly core: RaftCore,
    private readonly stored: Disk | undefined,
    /** Everyone who ever was in that grid. */
    private readonly members: ReadonlyMap<MemberId, GridMember>,
  ) {
    this.#synced = stored?.durability === 'always' ? stored : undefined;
    this.machine.index = core.log.appliedIndex;
  }

  get disk(): this {
    return this;
  }

  get hardState(): HardState | undefined {
    const { term, vote } = this.core;
    return this.stored ? this.stored.hardState : { term, vote };
  }

  get snapshot(): { readonly position: LogPosition; readonly configuration: Configuration } {
    const { log } = this.core;
    const position = this.#synced ? this.#synced.snapshots.positionIn(this.gridId, log.appliedIndex) : log.base;
    return { position, configuration: log.configurationAt(log.base.index) };
  }

  /** Who was removed has cleared its disk, which may be that of another by now: it shows what it held last. */
  holds(index: number, term: number): boolean {
    const { log } = this.core;
    if (this.#synced?.isOf(this.id, this.gridId)) return this.#synced.holds(index, term);
    if (this.#synced && !this.#isRemoved()) return false;
    return index <= log.base.index || log.termAt(index) === term;
  }

  /** As anyone knows who has come as far as it did, or its own log, where it was let in again behind that: it went by then all the same. */
  #isRemoved(): boolean {
    const { commitIndex, firstIndex } = this.core.log;
    const counts = ({ log }: RaftCore, index: number): boolean =>
      membersOf(log.configurationAt(index)).includes(this.id);
    for (let index = firstIndex; index <= commitIndex; index++)
      if (counts(this.core, index - 1) && !counts(this.core, index)) return true;
    return [...this.members.values()].some(
      ({ core }) => core.log.commitIndex >= commitIndex && !counts(core, core.log.commitIndex),
    );
  }
}

import type { Configuration, HardState, LogPosition, MemberId, RaftCore } from '@hamok/raft';
import type { Subject } from '../../invariants/subject.js';
import type { Disk } from './disk.js';

/** One incarnation in one grid, for one life of its process. Without a disk, what it holds is all that there is of it, and a dead one shows what it held last. */
export class GridMember implements Subject {
  readonly machine = { index: -1 };
  readonly disk: Subject['disk'];

  constructor(
    readonly id: MemberId,
    readonly gridId: string,
    readonly core: RaftCore,
    disk: Disk | undefined,
  ) {
    this.machine.index = core.log.appliedIndex;
    this.disk = disk ?? {
      get hardState(): HardState {
        return { term: core.term, vote: core.vote };
      },
      get snapshot(): { position: LogPosition; configuration: Configuration } {
        return { position: core.log.base, configuration: core.log.configurationAt(core.log.base.index) };
      },
      holds: (index, term) => index <= core.log.base.index || core.log.termAt(index) === term,
    };
  }
}

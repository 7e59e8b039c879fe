import type { RaftCore } from '@hamok/raft';

const roles = ['follower', 'pre-candidate', 'candidate', 'leader'] as const;

/**
 * The states that a run met, with everything left out that only says who, when and how much: of each member its role, how its term and its
 * log relate to the most advanced ones, and its part in the configuration. How many there are says how much of the protocol a run has
 * been through.
 */
export class AbstractStates {
  /** Hashes. */
  readonly met = new Set<number>();

  /** Takes down the state of the members that run. */
  see(cores: readonly RaftCore[]): void {
    const first = cores[0];
    if (!first) return;
    let highestTerm = 0;
    let ahead = first;
    for (const core of cores) {
      highestTerm = Math.max(highestTerm, core.term);
      if (!ahead.log.isUpToDate(core.log.lastIndex, core.log.last.term)) continue;
      ahead = core;
    }
    const codes = [...new Set(cores.map((core) => codeOf(core, highestTerm, ahead)))].sort((a, b) => a - b);
    let hash = 0x811c9dc5;
    for (const code of codes) hash = Math.imul(hash ^ code, 0x01000193) >>> 0;
    this.met.add(hash);
  }
}

function codeOf(core: RaftCore, highestTerm: number, ahead: RaftCore): number {
  const { log, role, term, configuration, self } = core;
  const membership = configuration.voters.includes(self) ? 0 : configuration.learners.includes(self) ? 1 : 2;
  const isChanging = log.configurationIndex > log.commitIndex ? 1 : 0;
  // Digits of a number, each to a base of its own.
  let code = roles.indexOf(role);
  code = code * 2 + (term === highestTerm ? 0 : 1);
  code = code * 4 + shapeOf(core, ahead);
  code = code * 3 + membership;
  code = code * 2 + isChanging;
  return code * 2 + (core.isInstalling ? 1 : 0);
}

/** How a log relates to the most advanced one: equal, a part of it, of another history, or behind what that one compacted. */
function shapeOf({ log }: RaftCore, ahead: RaftCore): number {
  const { index, term } = log.last;
  if (index < ahead.log.base.index) return 3;
  if (ahead.log.termAt(index) !== term) return 2;
  return index === ahead.log.lastIndex ? 0 : 1;
}

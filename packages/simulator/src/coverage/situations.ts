import type { RaftCore } from '@hamok/raft';

const roles = ['follower', 'pre-candidate', 'candidate', 'leader'] as const;

/** More than there are situations of a member. */
const radix = 512;

/**
 * The situations that members of a run were in, with everything left out that only says who, when and how much: the role, how the term and
 * the log relate to the most advanced ones, the part in the configuration, and whether that, or the state, is being changed. Of
 * members each by itself there are about a hundred, which a hundred seeds show; of two at one time some thousands, which go on being
 * met for long. What is new in the last of many seeds says how much there is that they have not shown.
 */
export class Situations {
  /** As numbers: of one member, and of two at one time. */
  readonly met = new Set<number>();

  /** Takes down the situations of the members that run. */
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
    const codes = cores.map((core) => codeOf(core, highestTerm, ahead)).sort((a, b) => a - b);
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i] ?? 0;
      if (code === codes[i - 1]) continue;
      this.met.add(code);
      for (let j = i + 1; j < codes.length; j++) this.met.add((code + 1) * radix + (codes[j] ?? 0));
    }
  }
}

/** Whether it is one of two members, and not of one. */
export function isOfTwo(situation: number): boolean {
  return situation >= radix;
}

function codeOf(core: RaftCore, highestTerm: number, ahead: RaftCore): number {
  const { log, role, term, configuration, self } = core;
  const membership = configuration.voters.includes(self) ? 0 : configuration.learners.includes(self) ? 1 : 2;
  const isChanging = log.configurationIndex > log.commitIndex ? 1 : 0;
  const parts: readonly [value: number, values: number][] = [
    [roles.indexOf(role), 4],
    [term === highestTerm ? 0 : 1, 2],
    [shapeOf(core, ahead), 4],
    [membership, 3],
    [isChanging, 2],
    [core.isInstalling ? 1 : 0, 2],
  ];
  return parts.reduce((code, [value, values]) => code * values + value, 0);
}

/** How a log relates to the most advanced one: equal, a part of it, of another history, or behind what that one compacted. */
function shapeOf({ log }: RaftCore, ahead: RaftCore): number {
  const { index, term } = log.last;
  if (index < ahead.log.base.index) return 3;
  if (ahead.log.termAt(index) !== term) return 2;
  return index === ahead.log.lastIndex ? 0 : 1;
}

import type { RaftCore } from '@hamok/raft';
import { SituationSpace } from './situations.js';

const roles = ['follower', 'pre-candidate', 'candidate', 'leader'] as const;
const terms = ['newest term', 'older term'];
/** How a log relates to the most advanced one. */
const logs = ['newest log', 'part of the log', 'other history', 'behind what is compacted'];
const parts = ['voter', 'learner', 'no member'];
const changes = ['', 'members being changed'];
const installs = ['', 'restoring'];

/** Of a core: its role, how its term and its log relate to the most advanced ones, its part in the configuration, and whether that, or its state, is being changed. */
export const coreSituations = new SituationSpace(
  [roles, terms, logs, parts, changes, installs],
  ([role, term, log, part, change, install]) => {
    // Only followers restore.
    if (install !== '' && role !== 'follower') return false;
    // Who is no voter does not stand, but for one whose removal may not be committed; it leads until that is.
    if (part === 'learner' && role !== 'follower') return false;
    if (part === 'no member' && role !== 'follower' && change === '') return false;
    // The newest leader has the newest log: the entry with which it began is the first of its term.
    return role !== 'leader' || term !== 'newest term' || log === 'newest log';
  },
);

/** The situations of cores that run, at one time. */
export function situationsOf(cores: readonly RaftCore[]): number[] {
  const first = cores[0];
  if (!first) return [];
  let highestTerm = 0;
  let ahead = first;
  for (const core of cores) {
    highestTerm = Math.max(highestTerm, core.term);
    if (ahead.log.isUpToDate(core.log.lastIndex, core.log.last.term)) ahead = core;
  }
  return cores.map((core) => situationOf(core, highestTerm, ahead));
}

function situationOf(core: RaftCore, highestTerm: number, ahead: RaftCore): number {
  const { log, role, term, configuration, self } = core;
  const part = configuration.voters.includes(self) ? 0 : configuration.learners.includes(self) ? 1 : 2;
  return coreSituations.codeOf([
    roles.indexOf(role),
    term === highestTerm ? 0 : 1,
    shapeOf(core, ahead),
    part,
    log.configurationIndex > log.commitIndex ? 1 : 0,
    core.isInstalling ? 1 : 0,
  ]);
}

/** Equal, a part of it, of another history, or behind what that one compacted. */
function shapeOf({ log }: RaftCore, ahead: RaftCore): number {
  const { index, term } = log.last;
  if (index < ahead.log.base.index) return 3;
  if (ahead.log.termAt(index) !== term) return 2;
  return index === ahead.log.lastIndex ? 0 : 1;
}

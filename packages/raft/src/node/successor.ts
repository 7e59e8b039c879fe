import { isVoter } from '../core/configuration.js';
import type { RaftCore } from '../core/raft-core.js';
import { idOf, type MemberId } from '../identity/member-id.js';

/** The other voter that a leader best hands over to: the one named, or the one whose log is furthest, of those that are heard if there are any. */
export function successorOf(
  core: RaftCore,
  now: number,
  isEligible: (member: MemberId) => boolean,
  id?: string,
): MemberId | undefined {
  let best: { member: MemberId; matchIndex: number; isHeard: boolean } | undefined;
  for (const { member, matchIndex, lastHeardAt } of core.progress.values()) {
    if (!isVoter(core.configuration, member) || !isEligible(member)) continue;
    if (id !== undefined && idOf(member) !== id) continue;
    const isHeard = now - lastHeardAt <= core.timing.followerMaxIdleInMs;
    const isBetter = best?.isHeard === isHeard ? matchIndex > best.matchIndex : isHeard || !best;
    if (isBetter) best = { member, matchIndex, isHeard };
  }
  return best?.member;
}

import { isVoter } from '../core/configuration.js';
import type { RaftCore } from '../core/raft-core.js';
import { idOf, type MemberId } from '../identity/member-id.js';

/** The other voter that a leader best hands over to: the one named, or the one whose log is furthest. */
export function successorOf(
  core: RaftCore,
  isEligible: (member: MemberId) => boolean,
  id?: string,
): MemberId | undefined {
  let best: { member: MemberId; matchIndex: number } | undefined;
  for (const { member, matchIndex } of core.progress.values()) {
    if (!isVoter(core.configuration, member) || !isEligible(member)) continue;
    if (id !== undefined && idOf(member) !== id) continue;
    if (!best || matchIndex > best.matchIndex) best = { member, matchIndex };
  }
  return best?.member;
}

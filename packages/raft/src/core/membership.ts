import { idOf } from '../identity/member-id.js';
import { advanceCommit, hasCommittedInTerm } from './commitment.js';
import {
  type Configuration,
  type ConfigurationChange,
  changed,
  isLearner,
  isMember,
  isVoter,
  membersOf,
} from './configuration.js';
import { trackMembers } from './membership-tracking.js';
import { closeReadRound } from './reads.js';
import { appendEntry } from './replication.js';
import type { CoreState } from './state.js';

/** Why a change of the configuration was not begun. */
export type ChangeRefusal =
  | 'not-leader'
  /** The leader has not committed an entry of its own term yet (thesis §4.1, the bug found in 2015). */
  | 'term-not-committed'
  /** The change before this one is not committed yet. */
  | 'change-in-progress'
  | 'transfer-in-progress'
  | 'already-member'
  /** Another incarnation of the same id is still a member: it has to be removed first. */
  | 'incarnation-present'
  | 'not-a-member'
  | 'not-a-learner'
  | 'learner-behind'
  | 'last-voter';

/** Begins a change: it is in force from the moment it is in the log (thesis §4.1). Returns its index, or why not. */
export function changeConfiguration(state: CoreState, change: ConfigurationChange): number | ChangeRefusal {
  const refusal = refusalOf(state, change);
  if (refusal) return refusal;
  const configuration = changed(state.configuration, change);
  const data = state.encoder.configuration(configuration);
  const index = appendEntry(state, 'configuration', data, configuration);
  trackMembers(state);
  advanceCommit(state);
  closeReadRound(state);
  return index;
}

function refusalOf(state: CoreState, change: ConfigurationChange): ChangeRefusal | undefined {
  if (state.role !== 'leader') return 'not-leader';
  if (!hasCommittedInTerm(state)) return 'term-not-committed';
  if (state.log.configurationIndex > state.log.commitIndex) return 'change-in-progress';
  if (state.transfer) return 'transfer-in-progress';
  return invalid(state, state.configuration, change);
}

function invalid(
  state: CoreState,
  configuration: Configuration,
  { type, member }: ConfigurationChange,
): ChangeRefusal | undefined {
  switch (type) {
    case 'add-learner': {
      if (isMember(configuration, member)) return 'already-member';
      const sameId = membersOf(configuration).some((present) => idOf(present) === idOf(member));
      return sameId ? 'incarnation-present' : undefined;
    }
    case 'promote': {
      if (!isLearner(configuration, member)) return isMember(configuration, member) ? 'not-a-learner' : 'not-a-member';
      // What is under way to the others as well keeps nobody waiting for this one.
      const lag = state.log.commitIndex - (state.progress.get(member)?.matchIndex ?? -1);
      return lag > state.limits.maxPromotionLag ? 'learner-behind' : undefined;
    }
    case 'remove': {
      if (!isMember(configuration, member)) return 'not-a-member';
      return isVoter(configuration, member) && configuration.voters.length === 1 ? 'last-voter' : undefined;
    }
  }
}

/** A leader that removed itself leads until that is committed, not counting itself, and then steps down (thesis §4.2.2). */
export function isRemovedLeader(state: CoreState): boolean {
  return (
    state.role === 'leader' &&
    !isVoter(state.configuration, state.self) &&
    state.log.configurationIndex <= state.log.commitIndex
  );
}

import type { MemberId } from '../identity/member-id.js';
import { assert } from './assertions.js';
import { isVoter } from './configuration.js';
import { trackMembers } from './membership-tracking.js';
import { appendEntry } from './replication.js';
import type { CoreState } from './state.js';

/** Enters a term as a follower. Terms only grow, and a vote belongs to its term (paper §5.1). */
export function becomeFollower(state: CoreState, term: number, leader: MemberId | undefined): void {
  assert(term >= state.term, () => `term ${term} after ${state.term}`);
  assert(leader !== state.self, () => 'a follower of itself');
  if (term > state.term) {
    state.term = term;
    state.vote = undefined;
    state.hardStateChanged = true;
  }
  if (state.role === 'leader') leaveLeadership(state);
  state.role = 'follower';
  state.leader = leader;
  state.votes.clear();
  waitForLeader(state);
}

/** Asks first, with the term it would stand in; its own does not change (thesis §9.6). */
export function becomePreCandidate(state: CoreState): void {
  assert(state.role !== 'leader', () => 'a leader stood for election');
  state.role = 'pre-candidate';
  state.leader = undefined;
  beginElection(state);
}

/** Raises its term and votes for itself (paper §5.2). */
export function becomeCandidate(state: CoreState): void {
  assert(state.role !== 'leader', () => 'a leader stood for election');
  state.term++;
  state.vote = state.self;
  state.hardStateChanged = true;
  state.role = 'candidate';
  state.leader = undefined;
  state.counters.elections++;
  beginElection(state);
}

/** Takes over: one no-op of the new term commits everything before it (paper §5.4.2, §8). */
export function becomeLeader(state: CoreState): void {
  assert(state.role === 'candidate' || state.configuration.voters.length === 1, () => `${state.role} became leader`);
  state.role = 'leader';
  state.leader = state.self;
  state.votes.clear();
  state.electionDeadline = Number.POSITIVE_INFINITY;
  state.heartbeatDeadline = state.now + state.timing.heartbeatInMs;
  state.quorumCheckDeadline = state.now + state.timing.followerMaxIdleInMs;
  state.takeover = { logTime: state.log.last.time, at: state.now };
  state.uncommittedBytes = 0;
  state.round = 0;
  state.counters.leaderships++;
  state.progress.clear();
  trackMembers(state);
  state.termStartIndex = appendEntry(state, 'no-op', state.encoder.noOp);
}

function leaveLeadership(state: CoreState): void {
  state.progress.clear();
  state.transfer = undefined;
  state.heartbeatDeadline = Number.POSITIVE_INFINITY;
  state.quorumCheckDeadline = Number.POSITIVE_INFINITY;
  state.reads.refuseAll(state);
}

function beginElection(state: CoreState): void {
  state.votes.clear();
  state.votes.set(state.self, true);
  const { electionTimeoutInMs, followerMaxIdleInMs } = state.timing;
  state.electionDeadline = state.now + Math.min(electionTimeoutInMs, followerMaxIdleInMs * (1 + state.random()));
}

/** Randomised for each wait, so that candidates seldom collide (paper §5.2). */
export function waitForLeader(state: CoreState): void {
  state.electionDeadline = state.now + state.timing.followerMaxIdleInMs * (1 + state.random());
}

/** A failed election is retried after a random part of the idle time. */
export function retryElectionLater(state: CoreState): void {
  becomeFollower(state, state.term, undefined);
  state.electionDeadline = state.now + state.timing.followerMaxIdleInMs * state.random();
}

/**
 * Learners, observers and removed members never stand. Who is removed by an entry that may not be committed still stands,
 * without a vote of its own: it can be the only one whose log the others need to win (thesis §4.2.2, figure 4.6).
 */
export function mayStand(state: CoreState): boolean {
  const { configuration, self, log, incomingSnapshot } = state;
  if (leavesItToOthers(state) || incomingSnapshot.installing) return false;
  if (isVoter(configuration, self) || log.configurationIndex <= log.commitIndex) return isVoter(configuration, self);
  // Of changes one is made at a time: all but the last are committed, also where nobody knows that since a restart.
  return isVoter(log.configurationAt(log.configurationIndex - 1), self);
}

/** Who never stands does so where there is no other voter: nobody else could begin the grid, or admit others to it. */
function leavesItToOthers({ onlyFollower, configuration, self }: CoreState): boolean {
  return onlyFollower && configuration.voters.some((voter) => voter !== self);
}

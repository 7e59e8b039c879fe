import { isVoter, majority } from './configuration.js';
import type { PreVoteRequest, PreVoteResponse, TimeoutNow, VoteRequest, VoteResponse } from './message.js';
import {
  becomeCandidate,
  becomeFollower,
  becomeLeader,
  becomePreCandidate,
  mayStand,
  retryElectionLater,
  waitForLeader,
} from './roles.js';
import type { CoreState } from './state.js';

/** The time to hear from a leader, or to win, has passed. */
export function onElectionDeadline(state: CoreState): void {
  if (!mayStand(state)) {
    becomeFollower(state, state.term, undefined);
  } else if (state.role === 'follower') {
    standForPreVote(state);
  } else {
    retryElectionLater(state);
  }
}

export function standForPreVote(state: CoreState): void {
  becomePreCandidate(state);
  if (tally(state) === 'won') return stand(state, false);
  const { index: lastLogIndex, term: lastLogTerm } = state.log.last;
  const { self: from, term } = state;
  for (const to of otherVoters(state)) {
    state.send({ type: 'pre-vote-request', from, to, term: term + 1, lastLogIndex, lastLogTerm });
  }
}

/** Stands for election. The requests carry the last *entry's* term, never the current one (paper §5.4.1). */
function stand(state: CoreState, transfer: boolean): void {
  becomeCandidate(state);
  if (tally(state) === 'won') return becomeLeader(state);
  const { index: lastLogIndex, term: lastLogTerm } = state.log.last;
  const { self: from, term } = state;
  for (const to of otherVoters(state)) {
    state.sendAfterPersist({ type: 'vote-request', from, to, term, lastLogIndex, lastLogTerm, transfer });
  }
}

/**
 * Granted without a promise: the term is not taken over and no vote is recorded. Refused while a leader is alive, so that
 * a member that was cut off, or removed, does not disturb the grid when it comes back.
 */
export function onPreVoteRequest(state: CoreState, request: PreVoteRequest): void {
  const granted =
    request.term > state.term && !hasLease(state) && state.log.isUpToDate(request.lastLogIndex, request.lastLogTerm);
  const term = granted ? request.term : state.term;
  state.send({ type: 'pre-vote-response', from: state.self, to: request.from, term, granted });
}

export function onPreVoteResponse(state: CoreState, response: PreVoteResponse): void {
  if (state.role !== 'pre-candidate' || (response.granted && response.term !== state.term + 1)) return;
  recordVote(state, response);
  const outcome = tally(state);
  if (outcome === 'won') stand(state, false);
  else if (outcome === 'lost') retryElectionLater(state);
}

/**
 * One vote a term, first come first served, and only for a log at least as up to date as one's own (paper §5.2, §5.4.1).
 * Whether the candidate is in this member's own configuration is not asked: that may lag behind (thesis §4.2.2).
 */
export function onVoteRequest(state: CoreState, request: VoteRequest): void {
  const free = state.vote === undefined || state.vote === request.from;
  const granted = free && state.role === 'follower' && state.log.isUpToDate(request.lastLogIndex, request.lastLogTerm);
  if (granted && state.vote === undefined) {
    state.vote = request.from;
    state.hardStateChanged = true;
  }
  if (granted) waitForLeader(state);
  state.sendAfterPersist({ type: 'vote-response', from: state.self, to: request.from, term: state.term, granted });
}

export function onVoteResponse(state: CoreState, response: VoteResponse): void {
  if (state.role !== 'candidate') return;
  recordVote(state, response);
  const outcome = tally(state);
  if (outcome === 'won') becomeLeader(state);
  else if (outcome === 'lost') retryElectionLater(state);
}

/** The leader hands over: no pre-vote, and leases do not count (thesis §3.10). */
export function onTimeoutNow(state: CoreState, message: TimeoutNow): void {
  if (state.leader === message.from && mayStand(state)) stand(state, true);
}

/**
 * Whether a leader was heard so lately that no election may be under way for good reason (thesis §4.2.3). A leader's own
 * lease lasts as long as it leads: without a majority behind it, it steps down by itself.
 */
export function hasLease(state: CoreState): boolean {
  if (state.role === 'leader') return true;
  return state.leader !== undefined && state.now - state.leaderHeardAt < state.timing.followerMaxIdleInMs;
}

function recordVote(state: CoreState, response: PreVoteResponse | VoteResponse): void {
  if (isVoter(state.configuration, response.from) && !state.votes.has(response.from)) {
    state.votes.set(response.from, response.granted);
  }
}

function tally(state: CoreState): 'won' | 'lost' | 'open' {
  const { voters } = state.configuration;
  let granted = 0;
  let denied = 0;
  for (const voter of voters) {
    const vote = state.votes.get(voter);
    if (vote === true) granted++;
    else if (vote === false) denied++;
  }
  const needed = majority(voters.length);
  if (granted >= needed) return 'won';
  return voters.length - denied < needed ? 'lost' : 'open';
}

function otherVoters(state: CoreState): readonly string[] {
  return state.configuration.voters.filter((voter) => voter !== state.self);
}

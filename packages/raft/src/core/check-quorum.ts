import { majority } from './configuration.js';
import { becomeFollower } from './roles.js';
import type { CoreState } from './state.js';

/** A leader that has not heard from a majority for a whole idle time steps down (thesis §6.2). */
export function onQuorumCheckDeadline(state: CoreState): void {
  const { followerMaxIdleInMs } = state.timing;
  if (hearsMajority(state, followerMaxIdleInMs)) state.quorumCheckDeadline = state.now + followerMaxIdleInMs;
  else becomeFollower(state, state.term, undefined);
}

/** Whether a leader heard from a majority of the voters, itself counted, within the last `withinMs`. */
function hearsMajority(state: CoreState, withinMs: number): boolean {
  let active = 0;
  for (const voter of state.configuration.voters) {
    const heardAt =
      voter === state.self ? state.now : (state.progress.get(voter)?.lastHeardAt ?? Number.NEGATIVE_INFINITY);
    if (state.now - heardAt <= withinMs) active++;
  }
  return active >= majority(state.configuration.voters.length);
}

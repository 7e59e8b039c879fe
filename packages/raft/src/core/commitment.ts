import { assert } from './assertions.js';
import { majority } from './configuration.js';
import type { CoreState } from './state.js';

/**
 * Commits what a majority of the voters holds durably, if its last entry is of the leader's own term; older entries are
 * committed only by being in front of such a one (paper §5.4.2).
 */
export function advanceCommit(state: CoreState): void {
  // Mostly the others only come to hold what is committed.
  if (state.log.commitIndex === state.log.lastIndex) return;
  const index = majorityMatch(state);
  if (index <= state.log.commitIndex || state.log.termAt(index) !== state.term) return;
  for (let i = state.log.commitIndex + 1; i <= index; i++) {
    const entry = state.log.get(i);
    if (entry?.term === state.term) state.uncommittedBytes -= entry.data.byteLength;
  }
  state.log.commitTo(index);
}

/** A follower commits what the leader committed, as far as its own log is known to be equal (paper §5.3, step 5). */
export function followCommit(state: CoreState, leaderCommit: number, matchIndex: number): void {
  assert(matchIndex <= state.log.lastIndex, () => `match ${matchIndex} beyond the log's end ${state.log.lastIndex}`);
  state.log.commitTo(Math.min(leaderCommit, matchIndex));
}

/** The highest index that a majority of the voters holds; learners are not counted. */
function majorityMatch(state: CoreState): number {
  const { voters } = state.configuration;
  const matches = voters.map((voter) =>
    voter === state.self ? state.log.persistedIndex : (state.progress.get(voter)?.matchIndex ?? -1),
  );
  matches.sort((a, b) => b - a);
  return matches[majority(voters.length) - 1] ?? -1;
}

/** Whether an entry of the leader's own term is committed: only then does it know what is (paper §8). */
export function hasCommittedInTerm(state: CoreState): boolean {
  return state.role === 'leader' && state.log.commitIndex >= state.termStartIndex;
}

import type { MemberId } from '../identity/member-id.js';
import { isVoter } from './configuration.js';
import type { Progress } from './progress.js';
import type { CoreState } from './state.js';

/**
 * Hands leadership to a voter once its log is complete; proposals are refused meanwhile (thesis §3.10). Given up after an
 * election timeout. Returns false where it cannot begin.
 */
export function transferLeadership(state: CoreState, to: MemberId): boolean {
  const progress = state.progress.get(to);
  if (state.role !== 'leader' || !progress || !isVoter(state.configuration, to)) return false;
  if (state.transfer?.to === to) return true;
  state.transfer = { to, deadline: state.now + state.timing.electionTimeoutInMs };
  continueTransfer(state, progress);
  return true;
}

/** Nothing is appended meanwhile, so that the successor's log is complete once: it is told once. */
export function continueTransfer(state: CoreState, progress: Progress): void {
  const { transfer } = state;
  if (transfer?.to !== progress.member || progress.matchIndex < state.log.lastIndex) return;
  state.send({ type: 'timeout-now', from: state.self, to: transfer.to, term: state.term });
}

export function onTransferDeadline(state: CoreState): void {
  state.transfer = undefined;
}

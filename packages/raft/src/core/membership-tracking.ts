import { membersOf } from './configuration.js';
import { Progress } from './progress.js';
import type { CoreState } from './state.js';

/** Makes the leader follow exactly the members of the configuration in force. */
export function trackMembers(state: CoreState): void {
  const members = membersOf(state.configuration);
  for (const member of state.progress.keys()) {
    if (!members.includes(member)) state.progress.delete(member);
  }
  for (const member of members) {
    if (member === state.self || state.progress.has(member)) continue;
    state.progress.set(member, new Progress(member, state.log.lastIndex + 1, state.now));
  }
}

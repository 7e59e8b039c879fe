import type { Configuration } from '@hamok/raft';
import { type Invariant, majorityOf, Violation } from './invariant.js';

/** Any majority of a configuration has a member in common with any majority of the one before it in the log. */
export function neighbouringQuorums(): Invariant {
  const name = 'neighbouring quorums overlap';
  return {
    name,
    source: 'thesis §4.1',
    onStep({ member, fresh }) {
      for (const { configuration, index } of fresh) {
        if (!configuration) continue;
        const previous = member.core.log.configurationAt(index - 1);
        // A member that was told nothing yet knows of no voters.
        if (previous.voters.length === 0 || overlap(previous, configuration)) continue;
        const voters = `[${previous.voters.join(' ')}], then [${configuration.voters.join(' ')}]`;
        throw new Violation(name, `${member.id} at ${index}: ${voters}`);
      }
    },
  };
}

function overlap(a: Configuration, b: Configuration): boolean {
  const all = new Set([...a.voters, ...b.voters]);
  return majorityOf(a.voters.length) + majorityOf(b.voters.length) > all.size;
}

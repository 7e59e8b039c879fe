import type { MemberId } from '@hamok/raft';
import { type Invariant, majorityOf, Violation } from './invariant.js';

/** A leader commits an entry of its own term as soon as it knows that a majority of the voters holds it. */
export function promptCommits(): Invariant {
  const name = 'nothing is committed late';
  return {
    name,
    source: 'Raft paper, figure 2 (rules for leaders, the last)',
    onLeaderStep({ member: { id, core }, after }) {
      const { log, progress } = core;
      if (log.lastIndex === after.commitIndex) return;
      const { voters } = core.configuration;
      const matchOf = (voter: MemberId): number =>
        voter === id ? log.persistedIndex : (progress.get(voter)?.matchIndex ?? -1);
      let ahead = 0;
      for (const voter of voters) if (matchOf(voter) > after.commitIndex) ahead++;
      // Mostly there is no majority that holds more, and which index it would hold need not be found out.
      if (ahead < majorityOf(voters.length)) return;
      const matches = voters.map(matchOf);
      const index = matches.sort((a, b) => b - a)[majorityOf(matches.length) - 1] ?? -1;
      if (index > after.commitIndex && log.termAt(index) === after.term)
        throw new Violation(
          name,
          `${id} knows that ${index} is held by a majority, and committed ${after.commitIndex}`,
        );
    },
  };
}

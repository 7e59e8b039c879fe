import { type Invariant, majorityOf, Violation } from './invariant.js';

/** A leader commits an entry of its own term as soon as it knows that a majority of the voters holds it. */
export function promptCommits(): Invariant {
  const name = 'nothing is committed late';
  return {
    name,
    source: 'Raft paper, figure 2 (rules for leaders, the last)',
    onLeaderStep({ member: { id, core }, after }) {
      const { log, progress, configuration } = core;
      if (log.lastIndex === after.commitIndex) return;
      const matches = configuration.voters.map((voter) =>
        voter === id ? log.persistedIndex : (progress.get(voter)?.matchIndex ?? -1),
      );
      const index = matches.sort((a, b) => b - a)[majorityOf(matches.length) - 1] ?? -1;
      if (index > after.commitIndex && log.termAt(index) === after.term)
        throw new Violation(
          name,
          `${id} knows that ${index} is held by a majority, and committed ${after.commitIndex}`,
        );
    },
  };
}

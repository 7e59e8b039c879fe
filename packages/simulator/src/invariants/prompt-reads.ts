import { type Invariant, majorityOf, Violation } from './invariant.js';

/** No read waits at a leader that knows what is committed, once a majority of the voters has echoed the latest round. */
export function promptReads(): Invariant {
  const name = 'no read waits for nothing';
  return {
    name,
    source: 'thesis §6.4',
    onLeaderStep({ member: { id, core } }) {
      if (core.pendingReads === 0 || !core.hasCommittedInTerm) return;
      const { progress, configuration } = core;
      let latest = -1;
      for (const { sentRound } of progress.values()) latest = Math.max(latest, sentRound);
      const echoes = configuration.voters.filter(
        (voter) => voter === id || (progress.get(voter)?.ackedRound ?? -1) >= latest,
      );
      if (echoes.length >= majorityOf(configuration.voters.length))
        throw new Violation(
          name,
          `${id} lets ${core.pendingReads} reads wait, though [${echoes.join(' ')}] echoed ${latest}`,
        );
    },
  };
}

import { compare } from './acts/comparison.js';
import { failOver } from './acts/failover.js';
import { formGrid } from './acts/formation.js';
import { loadTheRest, loadUnderLeader } from './acts/loading.js';
import { measureCommitLatency, measureSetsPerSecond } from './acts/measurements.js';
import { bringBack, restartAll } from './acts/restarts.js';
import { languages } from './languages.js';
import type { Figures } from './outcome.js';
import type { Stage } from './stage.js';

/** The story, one act after another. Rejects when a member fails, or the cluster is made to fail. */
export async function demonstrate(
  stage: Stage,
  seconds: number,
): Promise<{ readonly figures: Figures; readonly problems: readonly string[] }> {
  await formGrid(stage);
  const victim = await loadUnderLeader(stage);
  const failover = await failOver(stage, victim);
  const entriesLeftToOthers = await loadTheRest(stage, victim);
  const { writes: latencyWrites, ...commitLatency } = await measureCommitLatency(stage);
  const throughput = await measureSetsPerSecond(stage, seconds);
  const returned = await bringBack(stage, victim);
  const afterReturn = await compare(stage);
  const rollingRestart = await restartAll(stage);
  const afterRollingRestart = await compare(stage);
  const figures: Figures = {
    members: stage.cluster.members.length,
    dataset: { package: 'iso-639-3', entries: languages.size },
    killed: { id: victim.id, acknowledgedWrites: victim.written, entriesLeftToOthers },
    failover,
    writes: {
      loaded: stage.cluster.ledger.count('languages'),
      measured: latencyWrites + throughput.writes,
      retries: afterReturn.retries,
    },
    commitLatency,
    throughput: throughput.figures,
    returned,
    rollingRestart,
    content: { afterReturn: afterReturn.members, afterRollingRestart: afterRollingRestart.members },
  };
  const problems = [
    ...afterReturn.problems.map((problem) => `when ${victim.id} was back: ${problem}`),
    ...afterRollingRestart.problems.map((problem) => `when all were restarted: ${problem}`),
  ];
  return { figures, problems };
}

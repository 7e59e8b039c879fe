import { milliseconds, whole } from '../display/numbers.js';
import type { ReturnFigures, RollingRestartFigures } from '../outcome.js';
import type { MemberProcess } from '../process/member-process.js';
import type { Stage } from '../stage.js';

/** Starts the killed member anew, empty, under its id. Ends when it votes again and has caught up. */
export async function bringBack(stage: Stage, victim: MemberProcess): Promise<ReturnFigures> {
  stage.begin(`Bring ${victim.id} back, empty`);
  const joinedInMs = await restart(stage, victim);
  stage.done(`it votes again, and has caught up, after ${milliseconds(joinedInMs)}`);
  return { id: victim.id, joinedInMs };
}

/** Kills and restarts every member, each when the one before has joined, while another one goes on writing. */
export async function restartAll(stage: Stage): Promise<RollingRestartFigures> {
  const { cluster } = stage;
  const steps: RollingRestartFigures['steps'][number][] = [];
  stage.begin('Kill and restart each', () => steps.length / cluster.members.length);
  const begin = performance.now();
  for (const [position, victim] of cluster.members.entries()) {
    const writer = cluster.members[(position + 1) % cluster.members.length] ?? victim;
    steps.push(await restartUnderWriter(stage, victim, writer));
  }
  const elapsedInMs = performance.now() - begin;
  const writes = steps.reduce((sum, step) => sum + step.writes, 0);
  const longest = Math.max(...steps.map(({ longestWaitInMs }) => longestWaitInMs));
  stage.done(`${whole(writes)} writes meanwhile, the longest took ${milliseconds(longest)}`);
  return { elapsedInMs, steps };
}

async function restartUnderWriter(stage: Stage, victim: MemberProcess, writer: MemberProcess) {
  const { cluster } = stage;
  const { leader } = cluster;
  const before = writer.written;
  const written = writer.ask({ type: 'write', prefix: `while ${victim.id} was restarted` }, 'wrote');
  await cluster.until(() => writer.written > before);
  victim.kill();
  const joinedInMs = await restart(stage, victim);
  writer.send({ type: 'stop-writing' });
  const { writes, retries, longestWaitInMs } = await cluster.unlessFailed(written);
  return {
    id: victim.id,
    wasLeader: victim === leader,
    joinedInMs,
    writer: writer.id,
    writes,
    retries,
    longestWaitInMs,
  };
}

/** Returns how long it took from the start of the new process. */
async function restart({ cluster }: Stage, victim: MemberProcess): Promise<number> {
  await cluster.until(() => victim.ended);
  const begin = performance.now();
  const returned = cluster.restart(victim);
  await cluster.until(() => returned.joined);
  return performance.now() - begin;
}

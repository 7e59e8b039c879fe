import { milliseconds, whole } from '../display/numbers.js';
import type { ThroughputFigures } from '../outcome.js';
import type { Cluster } from '../process/cluster.js';
import type { MemberProcess } from '../process/member-process.js';
import type { Latency, LatencyPlan } from '../process/protocol.js';
import type { Stage } from '../stage.js';

const inFlight = 1024;
const valueBytes = 200;
const warmUpInMs = 1000;
const latencyPlan: LatencyPlan = { type: 'measure-latency', warmUp: 300, samples: 1000 };

export async function measureCommitLatency(
  stage: Stage,
): Promise<{ leader: Latency; follower: Latency; writes: number }> {
  const { cluster } = stage;
  stage.begin('Commit latency, one caller');
  const { leader, follower } = await cluster.until(() => rolesIn(cluster));
  const fromLeader = await cluster.unlessFailed(leader.ask(latencyPlan, 'latency'));
  const fromFollower = await cluster.unlessFailed(follower.ask(latencyPlan, 'latency'));
  const median = ({ latency }: { latency: Latency }): string => milliseconds(latency.p50InMs);
  stage.done(`p50 ${median(fromLeader)} from the leader, ${median(fromFollower)} from a follower`);
  const writes = fromLeader.writes + fromFollower.writes;
  return { leader: fromLeader.latency, follower: fromFollower.latency, writes };
}

export async function measureSetsPerSecond(
  stage: Stage,
  seconds: number,
): Promise<{ figures: ThroughputFigures; writes: number }> {
  const { cluster } = stage;
  stage.begin(`Throughput, ${whole(inFlight)} in flight`);
  const plan = { type: 'measure-throughput', inFlight, valueBytes, warmUpInMs, durationInMs: seconds * 1000 } as const;
  const leader = await cluster.until(() => cluster.leader);
  const { throughput, writes } = await cluster.unlessFailed(leader.ask(plan, 'throughput'));
  const setsPerSecond = throughput.sets / (throughput.durationInMs / 1000);
  stage.done(`${whole(setsPerSecond)} sets/s of ${valueBytes} bytes for ${seconds} s`);
  return { figures: { setsPerSecond, inFlight, valueBytes, seconds }, writes };
}

function rolesIn({ leader, living }: Cluster): { leader: MemberProcess; follower: MemberProcess } | undefined {
  const follower = living.find((member) => member !== leader);
  return leader !== undefined && follower !== undefined ? { leader, follower } : undefined;
}

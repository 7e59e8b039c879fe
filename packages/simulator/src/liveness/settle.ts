import { Violation } from '../invariants/invariant.js';
import type { Cluster } from '../world/cluster.js';
import type { Member } from '../world/member.js';

/** How many idle times a healed grid may take. Elections collide at random, so this is far above the mean. */
const settleWithin = 30;
/** Longest time in ms that an entry of its own message takes to a follower, on its disk, and back, in a healed grid. */
const entryTakes = 10;
/** Snapshots that are restored one after another, for entries are committed meanwhile. */
const restores = 2;

const pollEvery = 50;

/** Waits until all members are alike under one leader: also for what the last of them has to catch up, an entry a message where it must be. */
export function settle(cluster: Cluster, what: string): void {
  const ends = cluster.living.map(({ core }) => core.log.last.index);
  const catchUp = (Math.max(-1, ...ends) - Math.min(...ends)) * entryTakes;
  const { maxInstallTime, timing } = cluster.plan;
  const idleTimes = settleWithin + (catchUp + restores * maxInstallTime) / timing.followerMaxIdleInMs;
  eventually(cluster, what, Math.ceil(idleTimes), () => unrest(cluster));
}

/** Waits until something holds. Throws a Violation if it does not within `idleTimes` of the followers' idle time. */
export function eventually(cluster: Cluster, what: string, idleTimes: number, missing: () => string | undefined): void {
  const until = cluster.queue.now + idleTimes * cluster.plan.timing.followerMaxIdleInMs;
  let reason = missing();
  while (reason !== undefined && cluster.queue.now < until) {
    cluster.runUntil(cluster.queue.now + pollEvery);
    reason = missing();
  }
  if (reason !== undefined) throw new Violation('liveness', `${what}: ${reason} after ${idleTimes} idle times`);
}

/** The one leader of the highest term. */
export function leaderOf(cluster: Cluster): Member | undefined {
  const [first, ...others] = cluster.leaders;
  return others.length === 0 ? first : undefined;
}

/** Why the grid is not at rest under one leader, all members alike; undefined if it is. */
function unrest(cluster: Cluster): string | undefined {
  const leader = leaderOf(cluster);
  if (!leader) return `${cluster.leaders.length} leaders`;
  const { voters, learners } = leader.core.configuration;
  const { last, commitIndex } = leader.core.log;
  if (commitIndex < last.index) return `${leader.id} committed ${commitIndex} of ${last.index}`;
  for (const id of [...voters, ...learners]) {
    const member = cluster.members.get(id);
    if (!member?.lives) continue;
    const { log, term } = member.core;
    if (term !== leader.core.term) return `${id} is in term ${term}, ${leader.id} in ${leader.core.term}`;
    if (log.last.index !== last.index || log.last.term !== last.term)
      return `${id} ends at ${log.last.index}/${log.last.term}, ${leader.id} at ${last.index}/${last.term}`;
    if (log.appliedIndex !== last.index || member.machine.digest !== leader.machine.digest)
      return `${id} applied ${log.appliedIndex} of ${last.index}`;
    // What it began while it was slow takes as long as it did.
    if (!member.disk.isIdle) return `the disk of ${id} still writes`;
  }
  return undefined;
}

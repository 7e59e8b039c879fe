import type { MemberId } from '@hamok/raft';
import { Violation } from '../invariants/invariant.js';
import type { Cluster } from '../world/cluster.js';
import { calm } from '../world/network.js';
import { eventually, leaderOf, settleWithin, unrest } from './settle.js';

const healthyDiskLatency = 5;

/** After everything healed: one leader, equal logs and states, writes accepted, reads answered. */
export function checkRecovery(cluster: Cluster): void {
  cluster.network.mendAll();
  cluster.network.noise = calm;
  for (const member of cluster.members.values()) {
    member.disk.maxLatency = Math.min(member.disk.maxLatency, healthyDiskLatency);
    member.resume();
  }
  for (const member of cluster.members.values()) if (member.status === 'down') member.restart();
  eventually(cluster, 'one leader and equal logs', settleWithin, () => unrest(cluster));
  checkWrites(cluster);
  checkReads(cluster);
  checkUndisturbed(cluster);
}

function checkWrites(cluster: Cluster): void {
  const data = cluster.newCommand();
  eventually(cluster, 'a write is accepted', 4, () => {
    let outcome: number | string = 'no leader';
    leaderOf(cluster)?.act((core, now) => {
      outcome = core.propose(data, now);
    });
    return typeof outcome === 'number' ? undefined : outcome;
  });
  eventually(cluster, 'a write on every member', settleWithin, () => unrest(cluster));
}

function checkReads(cluster: Cluster): void {
  const voters = leaderOf(cluster)?.core.configuration.voters ?? [];
  for (const member of livingOf(cluster, voters)) {
    let isAnswered = false;
    const ask = (): void => {
      // A refused read is to be asked again.
      cluster.read(member, (_, index) => {
        if (index === undefined) cluster.queue.after(1, ask);
        else isAnswered = true;
      });
    };
    ask();
    eventually(cluster, `a read at ${member.id}`, 3, () => (isAnswered ? undefined : 'no answer'));
  }
}

/** A follower that was cut off for long comes back: the leader and the term stay (thesis §9.6, §6.2). */
function checkUndisturbed(cluster: Cluster): void {
  const leader = leaderOf(cluster);
  const followers = livingOf(cluster, leader?.core.configuration.voters ?? []).filter((member) => member !== leader);
  const alive = followers.length + 1;
  const follower = followers[0];
  // Without this follower the others have to be a majority still.
  if (!leader || !follower || 2 * (alive - 1) <= leader.core.configuration.voters.length) return;
  const { followerMaxIdleInMs } = cluster.plan.timing;
  const { term } = leader.core;
  for (const { id } of cluster.living) {
    if (id === follower.id) continue;
    cluster.network.cut(follower.id, id);
    cluster.network.cut(id, follower.id);
  }
  cluster.runUntil(cluster.queue.now + 6 * followerMaxIdleInMs);
  cluster.network.mendAll();
  cluster.runUntil(cluster.queue.now + 3 * followerMaxIdleInMs);
  const now = leaderOf(cluster);
  if (now !== leader || now.core.term !== term)
    throw new Violation('no disturbance', `${follower.id} came back, and ${leader.id} of term ${term} leads no more`);
}

function livingOf(cluster: Cluster, ids: readonly MemberId[]) {
  return ids.flatMap((id) => cluster.members.get(id) ?? []).filter(({ lives }) => lives);
}

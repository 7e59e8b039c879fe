import { idOf } from '@hamok/raft';
import type { SeededRandom } from '../random.js';
import type { Cluster } from '../world/cluster.js';
import type { Member } from '../world/member.js';
import { type Fault, forGood } from './fault.js';
import { openConfigurations } from './open-configurations.js';

/** A member stops and, with durable state, comes back as the same incarnation, without what was not synced. */
export const crashWithState: Fault = {
  name: 'crash with durable state',
  inject(cluster, random) {
    const member = cluster.plan.durable && victim(cluster, random);
    if (!member) return undefined;
    crash(cluster, member);
    restartLater(cluster, member, random.between(0, random.chance(0.5) ? 300 : 4000));
    return forGood;
  },
};

/** All of them at once; each comes back in its own time. */
export const coldStart: Fault = {
  name: 'cold start in random order',
  inject(cluster, random) {
    if (!cluster.plan.durable || !random.chance(0.4)) return undefined;
    const within = random.pick([100, 2000, 5000]) ?? 0;
    for (const member of cluster.running) {
      crash(cluster, member);
      restartLater(cluster, member, random.between(0, within));
    }
    return forGood;
  },
};

/**
 * A member stops for good; only a new incarnation may take its place, which at times is there while the grid still sends to the one before. At
 * most as many as the grid survives.
 */
export const crashWithoutState: Fault = {
  name: 'crash without durable state',
  inject(cluster, random) {
    const member = victim(cluster, random);
    if (!member || !survives(cluster, member)) return undefined;
    cluster.note(() => `${member.id} dies`);
    member.crash('gone');
    if (random.chance(0.5))
      cluster.queue.after(random.between(0, 1500), () => {
        if (cluster.isBusy) cluster.spawn(idOf(member.id));
      });
    return forGood;
  },
};

/** Stops a member. What was not synced is lost, which is a fault of its own. */
export function crash(cluster: Cluster, member: Member, when = ''): void {
  const lost = member.crash('down');
  if (lost > 0) cluster.faults.add('lost unsynced tail');
  cluster.note(() => `${member.id} crashes${when}${lost > 0 ? ` and loses ${lost} writes` : ''}`);
}

/** Everyone who is down is started again when everything heals, if not before. */
export function restartLater(cluster: Cluster, member: Member, after: number): void {
  const { life } = member;
  cluster.queue.after(after, () => {
    if (member.status !== 'down' || member.life !== life) return;
    cluster.note(() => `${member.id} restarts`);
    member.restart();
  });
}

/** Leaders die more often than others: that is where the danger is. */
function victim(cluster: Cluster, random: SeededRandom): Member | undefined {
  return (random.chance(0.5) ? random.pick(cluster.leaders) : undefined) ?? random.pick(cluster.running);
}

/** Whether every configuration that names this member, and may yet be gone by, keeps a majority of its voters without it. */
function survives({ members }: Cluster, victim: Member): boolean {
  const configurations = openConfigurations(Array.from(members.values(), ({ core }) => core.log));
  return configurations.every(({ voters }) => {
    const alive = voters.filter((voter) => voter !== victim.id && members.get(voter)?.lives);
    return !voters.includes(victim.id) || 2 * alive.length > voters.length;
  });
}

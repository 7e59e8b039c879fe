import type { SeededRandom } from '../random.js';
import type { Cluster } from '../world/cluster.js';
import type { Member } from '../world/member.js';
import { type Fault, forGood, type Repair } from './fault.js';

/** A member stops and, with durable state, comes back as the same incarnation, without what was not synced. */
export const restart: Fault = {
  name: 'crash and restart',
  inject(cluster, random) {
    const member = cluster.plan.durable && victim(cluster, random);
    return member ? crashAndRestart(cluster, random, member) : undefined;
  },
};

/** All of them at once. */
export const blackout: Fault = {
  name: 'blackout',
  inject(cluster, random) {
    if (!cluster.plan.durable || !random.chance(0.3)) return undefined;
    const repairs = cluster.running.map((member) => crashAndRestart(cluster, random, member));
    return {
      after: random.between(0, 2000),
      run() {
        for (const repair of repairs) repair.run();
      },
    };
  },
};

/** A member stops for good; only a new incarnation may take its place. At most as many as the grid survives. */
export const death: Fault = {
  name: 'crash for good',
  inject(cluster, random) {
    const member = victim(cluster, random);
    if (!member || !survives(cluster, member)) return undefined;
    cluster.note(() => `${member.id} dies`);
    member.crash('gone');
    return forGood;
  },
};

function crashAndRestart(cluster: Cluster, random: SeededRandom, member: Member): Repair {
  const lost = member.crash('down');
  cluster.note(() => `${member.id} crashes and loses ${lost} writes`);
  return {
    after: random.between(0, random.chance(0.5) ? 300 : 4000),
    run() {
      if (member.status !== 'down') return;
      cluster.note(() => `${member.id} restarts`);
      member.restart();
    },
  };
}

/** Leaders die more often than others: that is where the danger is. */
function victim(cluster: Cluster, random: SeededRandom): Member | undefined {
  return (random.chance(0.5) ? random.pick(cluster.leaders) : undefined) ?? random.pick(cluster.running);
}

/** Whether every configuration that anyone alive goes by keeps a majority of its voters without this member. */
function survives(cluster: Cluster, victim: Member): boolean {
  return cluster.living.every((member) => {
    const { log } = member.core;
    return [log.configuration, log.configurationAt(log.commitIndex)].every(({ voters }) => {
      const alive = voters.filter((voter) => voter !== victim.id && cluster.members.get(voter)?.lives);
      return voters.length === 0 || 2 * alive.length > voters.length;
    });
  });
}

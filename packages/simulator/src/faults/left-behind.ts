import type { SeededRandom } from '../random.js';
import type { Cluster } from '../world/cluster.js';
import type { Member } from '../world/member.js';
import type { Fault } from './fault.js';

/**
 * A member hears nothing while the others go on and forget the log that it lacks: when it is back, it needs a snapshot, and the
 * traffic does not wait for that. A leader goes on appending at first, so that the snapshot finds another log where it stands.
 */
export const leftBehind: Fault = {
  name: 'left behind by compaction',
  inject(cluster, random) {
    const leader = random.pick(cluster.leaders);
    const isLeader = random.chance(0.3);
    const member = isLeader ? leader : random.pick(cluster.running.filter((other) => other !== leader));
    if (!leader || !member) return undefined;
    const isDeaf = isLeader || random.chance(0.6);
    const isMute = isLeader || !isDeaf;
    const others = cluster.living.filter((other) => other !== member);
    const links = [
      ...others.filter(() => isDeaf).map(({ id }) => [id, member.id] as const),
      ...others.filter(() => isMute).map(({ id }) => [member.id, id] as const),
    ];
    for (const [from, to] of links) cluster.network.cut(from, to);
    const fate = isLeader ? 'is cut off' : isDeaf ? 'hears nobody' : 'is heard by nobody';
    cluster.note(() => `${member.id} ${fate}, and the others compact their logs`);
    const after = random.between(isLeader ? 1000 : 100, isLeader ? 6000 : 2500);
    for (let at = random.between(0, 200); at < after + 300; at += random.between(50, 400))
      cluster.queue.after(at, () => compact(cluster, random, member));
    return {
      after,
      run() {
        for (const [from, to] of links) cluster.network.mend(from, to);
        cluster.note(() => `${member.id} is connected again`);
      },
    };
  },
};

function compact(cluster: Cluster, random: SeededRandom, except: Member): void {
  for (const other of cluster.running) if (other !== except && random.chance(0.7)) other.takeSnapshot();
}

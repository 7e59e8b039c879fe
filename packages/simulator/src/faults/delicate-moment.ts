import type { SeededRandom } from '../random.js';
import type { Cluster } from '../world/cluster.js';
import type { Member } from '../world/member.js';
import { crash, restartLater } from './crashes.js';
import type { Fault } from './fault.js';

/** When a crash may cost most: what was just promised, or is not promised yet. */
const moments: Record<string, (member: Member) => boolean> = {
  'having voted': ({ core }) => core.role === 'follower' && core.vote !== undefined && core.leader === undefined,
  'having begun to lead': ({ core }) => core.role === 'leader' && !core.hasCommittedInTerm,
  'having appended': ({ core }) => core.role === 'leader' && core.log.lastIndex > core.log.commitIndex + 1,
  'having begun a change of the members': ({ core: { log } }) => log.configurationIndex > log.commitIndex,
  'writing to its disk': ({ disk }) => !disk.isIdle,
  'restoring a snapshot': ({ receiver }) => receiver.isInstalling,
};

/** The next member that comes into a delicate state crashes there, and is back soon. */
export const delicateMoment: Fault = {
  name: 'crash at a delicate moment',
  inject(cluster, random) {
    const moment = random.pick(Object.keys(moments));
    const isDelicate = moments[moment ?? ''];
    if (!cluster.plan.durable || !isDelicate) return undefined;
    let victim: Member | undefined;
    const watch = (member: Member): void => {
      if (victim || !isDelicate(member)) return;
      victim = member;
      cluster.queue.after(random.pick([0, 1, 20]) ?? 0, () => crashAt(cluster, random, member, `${moment}`));
    };
    cluster.watchers.add(watch);
    return { after: random.between(500, 3000), run: () => cluster.watchers.delete(watch) };
  },
};

function crashAt(cluster: Cluster, random: SeededRandom, member: Member, moment: string): void {
  if (member.status !== 'running') return;
  crash(cluster, member, `, ${moment},`);
  restartLater(cluster, member, random.chance(0.5) ? 0 : random.between(0, 100));
}

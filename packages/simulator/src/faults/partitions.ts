import type { MemberId } from '@hamok/raft';
import type { SeededRandom } from '../random.js';
import { describeLinks } from '../report/entry.js';
import type { Cluster } from '../world/cluster.js';
import type { Member } from '../world/member.js';
import type { Fault, Repair } from './fault.js';

/** The members fall in two groups that do not hear each other. */
export const partition: Fault = {
  name: 'two-way partition',
  inject(cluster, random) {
    const ids = random.shuffled(cluster.living.map(({ id }) => id));
    if (ids.length < 2) return undefined;
    return split(cluster, random, ids.slice(0, 1 + random.integer(ids.length - 1)));
  },
};

/**
 * The leader is cut off, with fewer than a majority around it: what it appends from now on will be overwritten, or not. At times its successor
 * is cut off when it is back, so that of those who stand one has the longer log, and another the later entries.
 */
export const leaderCutOff: Fault = {
  name: 'leader cut off',
  inject(cluster, random) {
    const leader = random.pick(cluster.leaders);
    if (!leader) return undefined;
    const others = random.shuffled(cluster.living.map(({ id }) => id).filter((id) => id !== leader.id));
    const minority = others.slice(0, random.integer(Math.max(1, others.length / 2)));
    const repair = split(cluster, random, [leader.id, ...minority]);
    return random.chance(0.4) ? thenItsSuccessor(cluster, random, leader, repair) : repair;
  },
};

function thenItsSuccessor(cluster: Cluster, random: SeededRandom, leader: Member, repair: Repair): Repair {
  const { followerMaxIdleInMs } = cluster.plan.timing;
  for (let count = random.integer(5); count > 0; count--)
    leader.act((core, now) => core.propose(cluster.newCommand(), now));
  const first = random.between(1.5, 3) * followerMaxIdleInMs;
  let open: Repair | undefined = repair;
  let isOver = false;
  cluster.queue.after(first, () => {
    if (isOver) return;
    repair.run();
    const successor = random.pick(cluster.leaders.filter((other) => other !== leader));
    open = successor && split(cluster, random, [successor.id]);
  });
  return {
    after: first + random.between(1, 4) * followerMaxIdleInMs,
    run() {
      isOver = true;
      open?.run();
    },
  };
}

/** Some links carry in one direction only. */
export const oneWay: Fault = {
  name: 'one-way partition',
  inject(cluster, random) {
    const member = random.pick(cluster.living)?.id;
    if (member === undefined) return undefined;
    const outwards = random.chance(0.5);
    const others = cluster.living.map(({ id }) => id).filter((id) => id !== member && random.chance(0.7));
    const links = others.map((other): [MemberId, MemberId] => (outwards ? [member, other] : [other, member]));
    return cut(cluster, random, links);
  },
};

function split(cluster: Cluster, random: SeededRandom, side: readonly MemberId[]): Repair {
  const others = cluster.living.map(({ id }) => id).filter((id) => !side.includes(id));
  return cut(
    cluster,
    random,
    side.flatMap((a) =>
      others.flatMap((b): [MemberId, MemberId][] => [
        [a, b],
        [b, a],
      ]),
    ),
  );
}

function cut(cluster: Cluster, random: SeededRandom, links: readonly [MemberId, MemberId][]): Repair {
  for (const [from, to] of links) cluster.network.cut(from, to);
  cluster.note(() => `cut ${describeLinks(links)}`);
  return {
    after: random.between(100, random.chance(0.5) ? 1500 : 6000),
    run() {
      for (const [from, to] of links) cluster.network.mend(from, to);
      cluster.note(() => `mended ${describeLinks(links)}`);
    },
  };
}

import type { SeededRandom } from '../../random.js';
import { describeLinks } from '../../report/entry.js';
import type { World } from '../world/world.js';
import type { GridFault, Repair } from './grid-fault.js';

export type Link = readonly [from: string, to: string];

/** The hosts fall in two groups that do not hear each other. */
export const partition: GridFault = {
  name: 'two-way partition',
  inject(world, random) {
    const hosts = random.shuffled(hostsOf(world));
    if (hosts.length < 2) return undefined;
    const alone = random.pick(random.chance(0.5) ? passiveHosts(world) : []);
    if (alone !== undefined) return split(world, random, [alone]);
    return split(world, random, hosts.slice(0, 1 + random.integer(hosts.length - 1)));
  },
};

/** The leader is cut off, with fewer than a majority around it: what it appends from now on will be overwritten, or not. */
export const leaderCutOff: GridFault = {
  name: 'leader cut off',
  inject(world, random) {
    const leader = random.pick(world.leaders);
    if (!leader) return undefined;
    const others = random.shuffled(hostsOf(world).filter((host) => host !== leader.host));
    return split(world, random, [leader.host, ...others.slice(0, random.integer(Math.max(1, others.length / 2)))]);
  },
};

/** Some links carry in one direction only. */
export const oneWay: GridFault = {
  name: 'one-way partition',
  inject(world, random) {
    const host = random.pick(hostsOf(world));
    if (host === undefined) return undefined;
    const outwards = random.chance(0.5);
    const others = hostsOf(world).filter((other) => other !== host && random.chance(0.7));
    return cut(
      world,
      others.map((other): Link => (outwards ? [host, other] : [other, host])),
      lasting(random),
    );
  },
};

/** A link breaks and comes back, again and again. */
export const flapping: GridFault = {
  name: 'flapping link',
  inject(world, random) {
    const [a, b] = random.shuffled(hostsOf(world));
    if (a === undefined || b === undefined) return undefined;
    const links: Link[] = [
      [a, b],
      [b, a],
    ];
    const until = world.queue.now + lasting(random);
    let isOver = false;
    const flap = (): void => {
      if (isOver || world.queue.now > until) return;
      const { run } = cut(world, links, 0);
      world.queue.after(random.between(10, 400), run);
      world.queue.after(random.between(400, 900), flap);
    };
    flap();
    return {
      after: until - world.queue.now,
      run() {
        isOver = true;
      },
    };
  },
};

/** Those of the members that never stand: who is cut off, and removed meanwhile, asks nobody for a vote. */
function passiveHosts(world: World): string[] {
  return world.living.filter(({ hamok }) => hamok.config.onlyFollower).map(({ host }) => host);
}

export function hostsOf(world: World): string[] {
  return [...new Set(world.living.map(({ host }) => host))];
}

export function split(world: World, random: SeededRandom, side: readonly string[]): Repair {
  const others = hostsOf(world).filter((host) => !side.includes(host));
  const links = side.flatMap((a) =>
    others.flatMap((b): Link[] => [
      [a, b],
      [b, a],
    ]),
  );
  return cut(world, links, lasting(random));
}

export function cut(world: World, links: readonly Link[], after: number): Repair {
  const { network } = world.fabric;
  for (const [from, to] of links) network.cut(from, to);
  world.note(() => `cut ${describeLinks(links)}`);
  return {
    after,
    run() {
      for (const [from, to] of links) network.mend(from, to);
      world.note(() => `mended ${describeLinks(links)}`);
    },
  };
}

function lasting(random: SeededRandom): number {
  return random.between(100, random.chance(0.5) ? 2000 : 9000);
}

import type { Fate } from '@hamok/collections/testing';
import type { SeededRandom } from '../random.js';
import type { StoragesWorld, Taker } from './storages-world.js';

interface StorageFault {
  readonly name: string;
  /** Does the damage; undefined where there is none to do now, else what undoes it, and when. */
  inject(world: StoragesWorld, random: SeededRandom): { readonly after: number; run(): void } | undefined;
}

const fates: readonly Fate[] = ['commit', 'commit-unheard', 'commit-twice', 'refuse', 'lose', 'delay'];
const nothing = (): void => undefined;

const crash: StorageFault = {
  name: 'crash',
  inject(world, random) {
    const taker = random.pick(world.running);
    if (taker === undefined || !world.mayGo()) return undefined;
    world.note(() => `${taker.host.id} crashes`);
    world.abdicate(taker);
    taker.host.kill();
    return { after: random.between(0, 2500), run: () => replace(world, random, taker) };
  },
};

/** It is removed while it runs, or stands still, and goes on as if it were not until it knows. */
function removal(
  name: string,
  learns: (world: StoragesWorld, random: SeededRandom, taker: Taker) => void,
): StorageFault {
  return {
    name,
    inject(world, random) {
      const taker = random.pick(world.running.filter(({ host }) => host.id !== world.grid.leader));
      if (taker === undefined || !world.mayGo()) return undefined;
      const lags = random.chance(0.5);
      world.note(() => `${taker.host.id} ${lags ? 'lags' : 'stands still'}, and is to be removed`);
      if (lags) taker.host.lags = true;
      else taker.host.stop();
      world.later(random.between(0, 1500), () => {
        if (world.grid.leader !== taker.host.id && world.canSpare(taker)) world.remove(taker);
      });
      return {
        after: random.between(0, 4000),
        run() {
          world.note(() => `${taker.host.id} goes on`);
          taker.host.resume();
          taker.host.lags = false;
          world.later(random.between(0, 1000), () => {
            world.abdicate(taker);
            world.remove(taker);
            learns(world, random, taker);
          });
        },
      };
    },
  };
}

const removed = removal('removal of one that lives', (world, _random, taker) => {
  taker.host.kill();
  world.join(taker.host.name);
});

const returned = removal('a member that comes back as another', (world, random, taker) => {
  void world.reincarnate(taker, random.chance(0.5) ? 'snapshot' : 'log');
});

const stop: StorageFault = {
  name: 'a process that stands still',
  inject(world, random) {
    const taker = random.pick(world.running.filter(({ host }) => host.id !== world.grid.leader));
    if (taker === undefined) return undefined;
    world.note(() => `${taker.host.id} stands still`);
    taker.host.stop();
    return {
      after: random.between(10, 3000),
      run() {
        world.note(() => `${taker.host.id} goes on`);
        taker.host.resume();
      },
    };
  },
};

const lag: StorageFault = {
  name: 'a member behind the log',
  inject(world, random) {
    const taker = random.pick(world.running.filter(({ host }) => host.id !== world.grid.leader));
    if (taker === undefined) return undefined;
    world.note(() => `${taker.host.id} lags`);
    taker.host.lags = true;
    return {
      after: random.between(10, 3000),
      run() {
        world.note(() => `${taker.host.id} lags no more`);
        taker.host.lags = false;
      },
    };
  },
};

/** Of changes of who takes part: what a member proposes is sent again until it is applied. */
const proposals: StorageFault = {
  name: 'proposals lost, late or doubled',
  inject(world, random) {
    world.note(() => 'proposals get lost, late or doubled');
    world.grid.fate = () => random.pick(fates) ?? 'commit';
    return {
      after: random.between(50, 2500),
      run() {
        world.note(() => 'proposals arrive again');
        world.grid.fate = () => 'commit';
        world.grid.release();
      },
    };
  },
};

const partition: StorageFault = {
  name: 'frames cut off',
  inject(world, random) {
    const hosts = world.living.map(({ host }) => host.id);
    const cut: string[] = [];
    for (const from of hosts)
      for (const to of hosts) {
        if (!random.chance(0.3)) continue;
        world.network.cut(from, to);
        if (from !== to) cut.push(`${from}>${to}`);
      }
    world.note(() => `frames are cut off: ${cut.join(' ')}`);
    return {
      after: random.between(50, 2500),
      run() {
        world.note(() => 'no frames are cut off any more');
        world.network.heal();
      },
    };
  },
};

/** Members that are fewer than half hear each other, and neither the log nor the rest. Some of them are removed meanwhile. */
const minority: StorageFault = {
  name: 'a minority cut off',
  inject(world, random) {
    const others = world.running.filter(({ host }) => host.id !== world.grid.leader);
    const most = Math.min(others.length, Math.ceil(world.grid.members.length / 2) - 1);
    if (most < 1) return undefined;
    const some = drawn(random, others, random.chance(0.6) ? most : 1 + random.integer(most));
    const ids = some.map(({ host }) => host.id);
    world.note(() => `${ids} are cut off`);
    const rest = world.living.map(({ host }) => host.id).filter((id) => !ids.includes(id));
    for (const one of ids) for (const other of rest) world.network.cut(one, other).cut(other, one);
    for (const { host } of some) host.lags = true;
    const removed: Taker[] = [];
    const count = random.chance(0.7) ? some.length : 0;
    for (const taker of some.slice(0, count)) {
      if (!world.mayGo()) break;
      removed.push(taker);
      world.later(random.between(0, 600), () => {
        if (taker.host.status !== 'dead' && world.canSpare(taker)) world.remove(taker);
      });
    }
    return {
      after: random.between(500, 6000),
      run() {
        world.note(() => `${ids} are connected again`);
        world.network.heal();
        for (const { host } of some) host.lags = false;
        for (const taker of removed)
          world.later(random.between(0, 1000), () => {
            world.abdicate(taker);
            world.remove(taker);
            void world.reincarnate(taker, random.chance(0.5) ? 'snapshot' : 'log');
          });
      },
    };
  },
};

const join: StorageFault = {
  name: 'a member more',
  inject(world, random) {
    const name = newcomer(world, random);
    if (name === undefined) return undefined;
    world.join(name);
    return { after: 0, run: nothing };
  },
};

/** The log that a member has not applied yet is gone, and it is given the state instead: one that is there, or that joins. */
const snapshot: StorageFault = {
  name: 'a snapshot in place of the log',
  inject(world, random) {
    const others = world.running.filter(({ host }) => host.id !== world.grid.leader);
    const name = random.chance(0.5) ? newcomer(world, random) : undefined;
    const host = name === undefined ? random.pick(others)?.host : world.join(name, true);
    if (host === undefined) return undefined;
    world.note(() => `${host.id} lags, until it is given a snapshot`);
    host.lags = true;
    return { after: random.between(10, 1500), run: () => void world.sendSnapshot(host) };
  },
};

/** One ends taking part in the storage, and begins again, though its process goes on. */
const reopening: StorageFault = {
  name: 'a storage closed and opened again',
  inject(world, random) {
    const taker = random.pick(world.running);
    if (taker === undefined || !world.mayGo()) return undefined;
    world.note(() => `${taker.host.id} closes the storage`);
    world.departures++;
    void taker.storage.close();
    return {
      after: random.between(0, 2000),
      run() {
        if (taker.host.status === 'dead' || taker.host.removed) return;
        world.note(() => `${taker.host.id} opens the storage again`);
        world.reopen(taker);
      },
    };
  },
};

export const storageFaults: readonly StorageFault[] = [
  crash,
  removed,
  returned,
  stop,
  lag,
  proposals,
  partition,
  minority,
  join,
  snapshot,
  reopening,
];

/** So many of them. */
function drawn<T>(random: SeededRandom, all: readonly T[], count: number): T[] {
  const left = [...all];
  return Array.from({ length: count }, () => left.splice(random.integer(left.length), 1)).flat();
}

function replace(world: StoragesWorld, random: SeededRandom, taker: Taker): void {
  world.remove(taker);
  if (random.chance(0.8)) world.later(random.between(0, 1000), () => world.join(taker.host.name));
}

/** Who could join. */
function newcomer(world: StoragesWorld, random: SeededRandom): string | undefined {
  const free = ['f', 'g', 'h'].filter((name) => world.living.every(({ host }) => host.name !== name));
  return world.running.length > 5 ? undefined : random.pick(free);
}

import type { SeededRandom } from '../random.js';
import { calm, type NetworkNoise } from '../world/network.js';
import { gridFaults } from './faults/schedule.js';
import type { Durability } from './world/disk.js';

/** What one seed simulates. The timers are the product's defaults. */
export interface GridPlan {
  /** How many members the grid is to have. */
  readonly members: number;
  /** What each is told of the others: who they are, how many they are, or nothing. */
  readonly founding: 'list' | 'count' | 'found';
  /** How many those are told that are told a number: all of them, or one fewer, so that whoever starts last joins. */
  readonly expected: number;
  /** One of them starts with a list that is not that of the others, and again with theirs a while later. */
  readonly misinformed: boolean;
  /** How many that only join a grid start with the members, before there is one. */
  readonly guests: number;
  /** They start in two places that are not connected, and become two grids. */
  readonly apart: boolean;
  /** What survives a process: nothing, all that it acknowledged, or that but for the last entries. */
  readonly durability: 'none' | Durability;
  /** Longest time for a write to become durable (ms). */
  readonly maxDiskLatency: number;
  readonly noise: NetworkNoise;
  /** Within how many ms the members are started, in random order; and for how long the first of them is alone before that. */
  readonly startWithin: number;
  readonly firstAloneFor: number;
  /** Mean time between two calls of clients, and between two changes of members or leaders that operators ask for (ms). */
  readonly callEvery: number;
  readonly membershipEvery: number;
  /** The classes of faults that strike, from when on (ms), and the mean time between two (ms). */
  readonly faults: readonly string[];
  readonly faultsFrom: number;
  readonly faultEvery: number;
  /** Mean time between two more faults while the grid begins, until a while after the last start (ms). More strike where it has begun for some. */
  readonly foundingFaultEvery: number;
  /** The turns of faults, by their numbers from 1, in which none strikes. */
  readonly spared: readonly number[];
  /** Entries between two snapshots of a member, and how many are kept behind one. */
  readonly snapshotEntries: number;
  readonly keepEntries: number;
  /** The most bytes of a snapshot that are read at once: it takes several messages then, as a large one does. */
  readonly snapshotPiece: number;
  /** After how much silence members are removed (ms); 0 for never. */
  readonly removeDeadAfter: number;
  /** How many members never stand for election: of those that are to be, the last. */
  readonly passive: number;
  /** Whether those who pop wait for items. */
  readonly popsWait: boolean;
  /** How often a taken item is delivered before it is a dead letter; 0 for no limit. */
  readonly maxDeliveries: number;
  readonly maxCommandBytes: number;
  /** How many changes of a member may be under way. */
  readonly maxInFlight: number;
}

const never = Number.POSITIVE_INFINITY;
/** Longer than those that were told nothing look for others (ms). */
const alone = 6000;

export function gridPlanOf(random: SeededRandom): GridPlan {
  const apart = random.chance(0.08);
  const founding = apart ? 'found' : (random.pick(['list', 'list', 'count', 'count', 'found'] as const) ?? 'list');
  // Who was told nothing begins a grid with whoever is found in a while: where messages get lost, that may be several grids.
  const noisy = founding !== 'found' && random.chance(0.5);
  const plan: GridPlan = {
    members: random.pick(apart ? [6, 7] : [3, 3, 3, 3, 4, 5, 5, 7]) ?? 3,
    founding,
    apart,
    expected: 0,
    misinformed: false,
    guests: 0,
    durability: apart ? 'none' : (random.pick(['none', 'none', 'always', 'late'] as const) ?? 'none'),
    maxDiskLatency: random.pick([0, 5, 60]) ?? 0,
    noise: noisy
      ? {
          loss: random.pick([0, 0.01, 0.05]) ?? 0,
          duplication: random.pick([0, 0.05, 0.2]) ?? 0,
          minDelay: 0.2,
          maxDelay: random.pick([2, 30, 120]) ?? 2,
          straggling: random.pick([0, 0.01, 0.05]) ?? 0,
          fifo: random.chance(0.3),
        }
      : calm,
    startWithin: random.pick([0, 500, 3000]) ?? 0,
    firstAloneFor: 0,
    callEvery: random.pick([50, 70, 90]) ?? 70,
    membershipEvery: random.pick([8000, 20_000, never]) ?? never,
    faults: gridFaults.map(({ name }) => name).filter(() => random.chance(0.7)),
    faultsFrom: founding === 'found' ? 9000 : 0,
    faultEvery: random.pick([3000, 6000, 10_000]) ?? 6000,
    foundingFaultEvery: never,
    spared: [],
    snapshotEntries: random.pick([30, 150, 10_000]) ?? 150,
    keepEntries: random.pick([0, 10, 1024]) ?? 1024,
    removeDeadAfter: random.pick([0, 0, 3000]) ?? 0,
    popsWait: random.chance(0.5),
    maxDeliveries: random.pick([0, 1, 3]) ?? 0,
    maxCommandBytes: 4096,
    maxInFlight: random.pick([4096, 4096, 3]) ?? 4096,
    passive: 0,
    snapshotPiece: never,
  };
  const passive = passiveOf(random, plan);
  // So soon that whoever is cut off, and asks nobody for a vote, is removed meanwhile.
  const removed = passive > 0 && random.chance(0.8) ? { removeDeadAfter: 1500 } : {};
  return {
    ...plan,
    passive,
    ...removed,
    ...foundingOf(random, plan),
    snapshotPiece: random.pick([never, 500, 3000]) ?? never,
  };
}

/** How hard it is made for the members to begin their grid. */
function foundingOf(random: SeededRandom, { members, founding, apart, faultsFrom }: GridPlan): Partial<GridPlan> {
  const firstAloneFor = founding === 'found' && !apart && random.chance(0.5) ? alone : 0;
  return {
    expected: members - (random.chance(0.5) ? 1 : 0),
    misinformed: founding === 'list' && random.chance(0.3),
    guests: !apart && random.chance(0.2) ? 1 : 0,
    firstAloneFor,
    faultsFrom: faultsFrom + firstAloneFor,
    foundingFaultEvery: apart ? never : (random.pick([never, never, 300, 900]) ?? never),
  };
}

/**
 * Only where others that stand always have, or get back, what members that do not stand have: the latest entries. Nothing is forgotten, then, and
 * the smallest grid that removals leave has a majority of them.
 */
function passiveOf(random: SeededRandom, { members, durability }: Pick<GridPlan, 'members' | 'durability'>): number {
  return durability === 'always' && members >= 5 && random.chance(0.7) ? 1 : 0;
}

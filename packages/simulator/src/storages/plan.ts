import type { SeededRandom } from '../random.js';
import { storageFaults } from './faults/index.js';
import { minority } from './faults/minority.js';

/** What a seed draws before it begins. */
export interface StoragesPlan {
  readonly members: number;
  /** Members of the grid that do not take part. */
  readonly onlookers: number;
  readonly backups: number;
  readonly keys: number;
  /** How many one message may have. */
  readonly keysAMessage: number;
  /** Ms between two calls, on average. */
  readonly callEvery: number;
  /** How long a call waits that does not say it, in ms. */
  readonly requestTimeoutInMs: number;
  /** The classes of faults that strike. */
  readonly faults: readonly string[];
  /** Ms between two faults, on average. */
  readonly faultEvery: number;
  /** The turns of faults, by their numbers from 1, in which none strikes. */
  readonly spared: readonly number[];
  /** The fault that comes more often than others. */
  readonly favours: string | undefined;
  /** Ms after which faults and calls cease until everything is at rest. */
  readonly restEvery: number;
  readonly loss: number;
  readonly duplication: number;
  readonly maxDelayInMs: number;
  /** How much later than others a member may hear of a change of the members, in ms. */
  readonly logDelayInMs: number;
  /** Whether more members may go at once than there are copies. */
  readonly reckless: boolean;
  /** Whether programs delete what they wrote: where it is not known whether a deletion was made, nothing that is missing has to be lost. */
  readonly deleting: boolean;
  /** Whether each member writes versions of its own, or each key has one value. */
  readonly kind: 'separated' | 'federated';
}

export function storagesPlanOf(random: SeededRandom): StoragesPlan {
  const few = 2 + random.integer(4);
  const drawn = {
    backups: random.pick([0, 1, 1, 1, 2, 2, 2]) ?? 1,
    keys: 1 + random.integer(random.chance(0.3) ? 3 : 12),
    keysAMessage: random.chance(0.5) ? 1 + random.integer(3) : 1024,
    callEvery: random.between(2, 40),
    requestTimeoutInMs: 3000,
    faults: storageFaults.map(({ name }) => name),
    faultEvery: random.between(100, 1000),
    spared: [],
    restEvery: random.chance(0.25) ? Number.POSITIVE_INFINITY : random.between(2000, 10_000),
    loss: random.chance(0.3) ? 0 : random.between(0, 0.3),
    duplication: random.chance(0.3) ? 0 : random.between(0, 0.3),
    maxDelayInMs: random.chance(0.5) ? 2 : random.between(2, 150),
    logDelayInMs: random.chance(0.6) ? 0 : random.between(1, 200),
    reckless: random.chance(0.2),
    kind: random.chance(0.6) ? ('separated' as const) : ('federated' as const),
  };
  // Enough for a minority that has all copies of an entry.
  const members = random.chance(0.35) ? 6 + random.integer(2) : few;
  const onlookers = random.chance(0.2) ? 1 + random.integer(3) : 0;
  const isLarge = members + onlookers > 5;
  // Else no minority can have all copies of an entry: with its holder, the backups and a witness.
  const most = Math.max(0, Math.ceil((members + onlookers) / 2) - 3);
  const backups = isLarge && random.chance(0.7) ? Math.min(drawn.backups, most) : drawn.backups;
  const favours = isLarge && random.chance(0.5) ? minority.name : random.pick(storageFaults)?.name;
  const reckless = drawn.reckless || (isLarge && random.chance(0.6));
  const deleting = random.chance(isLarge ? 0.5 : 0.9);
  return { ...drawn, members, onlookers, backups, favours, reckless, deleting };
}

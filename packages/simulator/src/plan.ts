import type { RaftLimits, RaftTiming } from '@hamok/raft';
import { crashWithoutState } from './faults/crashes.js';
import { membershipChurn } from './faults/membership-churn.js';
import { allFaults } from './faults/schedule.js';
import type { SeededRandom } from './random.js';
import { calm, type NetworkNoise } from './world/network.js';

/** What one seed simulates. Each seed leaves some things out, so that what remains gets further. */
export interface Plan {
  readonly voters: number;
  /** Crashed members come back with what was durable; otherwise a crash is for good. */
  readonly durable: boolean;
  /** The members of the new grid start within this time (ms), in random order. */
  readonly startWithin: number;
  /** Longest time for a write to become durable (ms); 0 for at once. */
  readonly maxDiskLatency: number;
  readonly timing: RaftTiming;
  readonly limits: Partial<RaftLimits>;
  readonly noise: NetworkNoise;
  /** Whether a cut link also loses what is on its way already. */
  readonly cutsDropInFlight: boolean;
  /** Mean time between two of each (ms). */
  readonly proposalEvery: number;
  /** How likely a command is larger than what fits in a message. */
  readonly oversize: number;
  readonly readEvery: number;
  readonly snapshotEvery: number;
  readonly membershipEvery: number;
  /** How likely a learner is promoted when it could be. */
  readonly promotion: number;
  readonly transferEvery: number;
  /** How often a leader is asked to step down. */
  readonly stepDownEvery: number;
  /** Whether the first member stands at once when it starts. */
  readonly campaigns: boolean;
  /** How many of the first voters, the last of them, never stand for election. */
  readonly passive: number;
  /** Whether the state machine is durable beyond the snapshot, as far as the log is. */
  readonly keepsState: boolean;
  /** The classes of faults that strike, and the mean time between two of all classes, those left out included. */
  readonly faults: readonly string[];
  readonly faultEvery: number;
  /** The turns of faults, by their numbers from 1, in which none strikes. */
  readonly spared: readonly number[];
  readonly snapshotFailures: number;
  /** Longest time to restore a snapshot (ms), and the bytes of a chunk. */
  readonly maxInstallTime: number;
  readonly chunkLength: number;
  /** The bytes of a snapshot: a whole number of chunks. */
  readonly snapshotLength: number;
}

/** Timers that run out so early that candidates often collide. */
const hasty = { followerMaxIdleInMs: 300, heartbeatInMs: 50 };
const defaults = { followerMaxIdleInMs: 1000, heartbeatInMs: 100 };
const never = Number.POSITIVE_INFINITY;

export function planOf(random: SeededRandom): Plan {
  const voters = random.pick([1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 7]) ?? 3;
  const tiny = random.chance(0.5);
  const noisy = random.chance(0.6);
  // Logs that are cut all the time, restored slowly: what is sent meanwhile has to wait, or to be dropped.
  const snapshotsEverywhere = random.chance(0.25);
  const plan: Plan = {
    voters,
    durable: random.chance(0.6),
    startWithin: random.pick([0, 0, 3000]) ?? 0,
    maxDiskLatency: random.pick([0, 0, 5, 60]) ?? 0,
    timing: { ...(random.chance(0.3) ? hasty : defaults), electionTimeoutInMs: random.pick([400, 1200, 3000]) ?? 3000 },
    limits: {
      maxEntriesPerMessage: tiny ? 1 + random.integer(3) : 64,
      maxBytesPerMessage: tiny && random.chance(0.3) ? 20 : 1024,
      maxInflightMessages: tiny ? 1 + random.integer(4) : 16,
      maxInflightBytes: random.chance(0.2) ? 64 : 1e6,
      maxUncommittedBytes: random.chance(0.3) ? 200 : 1e6,
      maxPendingReads: random.chance(0.2) ? 3 : 1000,
      maxAppliedPerReady: tiny ? 1 + random.integer(3) : 4096,
      maxAppliedBytesPerReady: tiny ? 40 : 1e6,
      maxPromotionLag: random.chance(0.5) ? 2 : 1000,
    },
    noise: noisy
      ? {
          loss: random.pick([0, 0.01, 0.1]) ?? 0,
          duplication: random.pick([0, 0.05, 0.2]) ?? 0,
          minDelay: 0.2,
          maxDelay: random.pick([2, 30, 120]) ?? 2,
          straggling: random.pick([0, 0.01, 0.1]) ?? 0,
          fifo: random.chance(0.3),
        }
      : calm,
    cutsDropInFlight: random.chance(0.5),
    proposalEvery: random.pick([50, 100, 200]) ?? 100,
    oversize: random.pick([0, 0.01, 0.1]) ?? 0,
    readEvery: random.chance(0.7) ? 100 : never,
    snapshotEvery: snapshotsEverywhere ? 40 : (random.pick([300, 2000, never]) ?? never),
    membershipEvery: random.pick([150, 400, 1500, never]) ?? never,
    promotion: random.pick([0.8, 0.05]) ?? 0.8,
    transferEvery: random.pick([800, 2500, never]) ?? never,
    faults: allFaults.map(({ name }) => name).filter(() => random.chance(0.7)),
    faultEvery: random.pick([400, 900, 2500]) ?? 900,
    spared: [],
    snapshotFailures: 0.1,
    maxInstallTime: random.pick([20, 120, 600, 2500]) ?? 120,
    chunkLength: random.pick([16, 48]) ?? 16,
    stepDownEvery: random.pick([3000, never, never]) ?? never,
    campaigns: random.chance(0.5),
    keepsState: random.chance(0.5),
    passive: 0,
    snapshotLength: random.pick([48, 48, 480]) ?? 48,
  };
  return plan.durable && voters !== 2 && random.chance(0.4) ? withPassive(plan, random) : plan;
}

/** How many voters may be such as never stand: so many that the others are a majority, or the only one, which stands all the same. */
export function mostPassive(voters: number): number {
  return voters === 1 ? 1 : Math.floor((voters - 1) / 2);
}

/** Nobody goes for good, and those who stand are a majority: whoever does not may have a longer log than any of them. */
function withPassive(plan: Plan, random: SeededRandom): Plan {
  const deadly = [crashWithoutState, membershipChurn].map(({ name }) => name);
  return {
    ...plan,
    passive: 1 + random.integer(mostPassive(plan.voters)),
    membershipEvery: never,
    faults: plan.faults.filter((name) => !deadly.includes(name)),
  };
}

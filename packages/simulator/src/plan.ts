import type { RaftLimits, RaftTiming } from '@hamok/raft';
import type { SeededRandom } from './random.js';
import { calm, type NetworkNoise } from './world/network.js';

/** What one seed simulates. Each seed leaves some things out, so that what remains gets further. */
export interface Plan {
  readonly voters: number;
  /** Crashed members come back with what was durable; otherwise a crash is for good. */
  readonly durable: boolean;
  /** Longest time for a write to become durable (ms); 0 for at once. */
  readonly maxDiskLatency: number;
  readonly timing: RaftTiming;
  readonly limits: Partial<RaftLimits>;
  readonly noise: NetworkNoise;
  /** Mean time between two of each (ms). */
  readonly proposalEvery: number;
  readonly readEvery: number;
  readonly snapshotEvery: number;
  readonly membershipEvery: number;
  /** How likely a learner is promoted when it could be. */
  readonly promotion: number;
  readonly transferEvery: number;
  readonly faultEvery: number;
  readonly snapshotFailures: number;
}

/** Timers that run out so early that candidates often collide. */
const hasty = { followerMaxIdleInMs: 300, heartbeatInMs: 50 };
const defaults = { followerMaxIdleInMs: 1000, heartbeatInMs: 100 };
const never = Number.POSITIVE_INFINITY;

export function planOf(random: SeededRandom): Plan {
  const voters = random.pick([1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 5, 7]) ?? 3;
  const tiny = random.chance(0.5);
  const noisy = random.chance(0.6);
  return {
    voters,
    durable: random.chance(0.6),
    maxDiskLatency: random.pick([0, 0, 5, 60]) ?? 0,
    timing: { ...(random.chance(0.3) ? hasty : defaults), electionTimeoutInMs: random.pick([400, 1200, 3000]) ?? 3000 },
    limits: {
      maxEntriesPerMessage: tiny ? 1 + random.integer(3) : 64,
      maxBytesPerMessage: tiny && random.chance(0.3) ? 20 : 1024,
      maxInflightMessages: tiny ? 1 + random.integer(4) : 16,
      maxUncommittedBytes: random.chance(0.3) ? 200 : 1e6,
      maxPendingReads: random.chance(0.2) ? 3 : 1000,
      maxAppliedPerReady: tiny ? 1 + random.integer(3) : 4096,
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
    proposalEvery: random.pick([20, 80, 400]) ?? 80,
    readEvery: random.chance(0.7) ? 100 : never,
    snapshotEvery: random.pick([300, 2000, never]) ?? never,
    membershipEvery: random.pick([150, 400, 1500, never]) ?? never,
    promotion: random.pick([0.8, 0.05]) ?? 0.8,
    transferEvery: random.pick([800, 2500, never]) ?? never,
    faultEvery: random.pick([700, 1500, 4000]) ?? 1500,
    snapshotFailures: 0.1,
  };
}

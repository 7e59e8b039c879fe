import { FaultSchedule } from './faults/schedule.js';
import { allInvariants } from './invariants/index.js';
import { Violation } from './invariants/invariant.js';
import { checkRecovery } from './liveness/recovery.js';
import { type Plan, planOf } from './plan.js';
import { SeededRandom } from './random.js';
import { membership } from './workload/membership.js';
import { proposals } from './workload/proposals.js';
import { reads } from './workload/reads.js';
import { snapshots } from './workload/snapshots.js';
import { transfers } from './workload/transfers.js';
import { schedule } from './workload/workload.js';
import { Cluster, type ClusterCounters, type CoreFactory } from './world/cluster.js';
import type { NetworkCounters } from './world/network.js';
import { Trace } from './world/trace.js';

export interface SimulationOptions {
  readonly seed: number;
  /** How long the faults last, in ms of virtual time. What follows, until the grid has settled, comes on top. */
  readonly ticks: number;
  readonly createCore: CoreFactory;
  /** Takes each line of the trace. Without it none is built. */
  readonly trace?: (line: string) => void;
}

/** A statement that did not hold. */
export interface Failure {
  readonly invariant: string;
  readonly message: string;
  readonly stack: string | undefined;
}

export interface SimulationResult {
  readonly seed: number;
  readonly plan: Plan;
  readonly failure: Failure | undefined;
  /** Virtual time that passed, in ms. */
  readonly simulatedMs: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly network: NetworkCounters;
  readonly counters: ClusterCounters;
  readonly elections: number;
  readonly committed: number;
}

/** Runs one seed: faults and work for a while, then healing and the liveness checks. Every step is checked. */
export function simulate({ seed, ticks, createCore, trace }: SimulationOptions): SimulationResult {
  const random = new SeededRandom(seed);
  const plan = planOf(random.fork());
  const faultRandom = random.fork();
  const workRandom = random.fork();
  const cluster = new Cluster(plan, random.fork(), createCore, allInvariants(), new Trace(trace));
  const faults = new FaultSchedule(cluster, faultRandom);
  const failure = failureOf(() => {
    const work = [
      proposals(plan.proposalEvery),
      reads(plan.readEvery),
      snapshots(plan.snapshotEvery),
      membership(plan.membershipEvery),
      transfers(plan.transferEvery),
    ];
    const stops = work.map((workload) => schedule(workload, cluster, workRandom.fork()));
    cluster.runUntil(ticks);
    for (const stop of stops) stop();
    faults.heal();
    cluster.note(() => 'everything heals');
    checkRecovery(cluster);
  });
  if (failure) cluster.note(() => `VIOLATED ${failure.invariant}: ${failure.message}`);
  const cores = [...cluster.members.values()].map(({ core }) => core);
  return {
    seed,
    plan,
    failure,
    simulatedMs: cluster.queue.now,
    faults: faults.counts,
    network: cluster.network.counters,
    counters: cluster.counters,
    elections: cores.reduce((sum, { counters }) => sum + counters.leaderships, 0),
    committed: Math.max(0, ...cores.map(({ log }) => log.commitIndex + 1)),
  };
}

function failureOf(run: () => void): Failure | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const invariant = error instanceof Violation ? error.invariant : `assertion of the product (${error.name})`;
    return { invariant, message: error.message, stack: error.stack };
  }
}

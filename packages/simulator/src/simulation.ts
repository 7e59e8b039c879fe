import { FaultSchedule } from './faults/schedule.js';
import { allInvariants } from './invariants/index.js';
import { Violation } from './invariants/invariant.js';
import { checkRecovery } from './liveness/recovery.js';
import { type Overrides, withOverrides } from './overrides.js';
import { planOf } from './plan.js';
import { SeededRandom } from './random.js';
import type { Failure, SimulationResult } from './result.js';
import { membership } from './workload/membership.js';
import { proposals } from './workload/proposals.js';
import { reads } from './workload/reads.js';
import { snapshots } from './workload/snapshots.js';
import { stepDowns, transfers } from './workload/transfers.js';
import { schedule } from './workload/workload.js';
import { Cluster, type CoreFactory } from './world/cluster.js';
import { Trace, type TraceSink } from './world/trace.js';

export interface SimulationOptions {
  readonly seed: number;
  /** How long the faults last, in ms of virtual time. What follows, until the grid has settled, comes on top. */
  readonly ticks: number;
  readonly createCore: CoreFactory;
  /** Takes the place of what the seed drew. */
  readonly overrides?: Overrides | undefined;
  /** Takes each line of the trace. Without it none is built. */
  readonly trace?: TraceSink | undefined;
}

/** Runs one seed: faults and work for a while, then healing and the liveness checks. Every step is checked. */
export function simulate({ seed, ticks, createCore, overrides, trace }: SimulationOptions): SimulationResult {
  const random = new SeededRandom(seed);
  const plan = withOverrides(planOf(random.fork()), overrides);
  const faultRandom = random.fork();
  const workRandom = random.fork();
  const cluster = new Cluster(plan, random.fork(), createCore, allInvariants(), new Trace(trace));
  const strikes: number[] = [];
  const failure = failureOf(cluster, () => {
    const faults = new FaultSchedule(cluster, faultRandom, strikes);
    const work = [
      proposals(plan.proposalEvery),
      reads(plan.readEvery),
      snapshots(plan.snapshotEvery),
      membership(plan.membershipEvery),
      transfers(plan.transferEvery),
      stepDowns(plan.stepDownEvery),
    ];
    const stops = work.map((workload) => schedule(workload, cluster, workRandom.fork()));
    cluster.start();
    cluster.runUntil(ticks);
    for (const stop of stops) stop();
    cluster.isBusy = false;
    faults.heal();
    cluster.note(() => 'everything heals');
    checkRecovery(cluster);
  });
  return { seed, plan, failure, strikes, ...figuresOf(cluster) };
}

type Figures = Pick<SimulationResult, 'simulatedMs' | 'events' | 'operations' | 'faults' | 'counts' | 'situations'>;

function figuresOf({
  queue,
  network,
  faults,
  members,
  events,
  operations,
  effects,
  situations,
  readsAsked,
}: Cluster): Figures {
  const { sent, lost, delayed, reordered, duplicated, cut } = network.counters;
  faults.add('drop', lost);
  faults.add('delay', delayed);
  faults.add('reorder', reordered);
  faults.add('duplicate', duplicated);
  const cores = [...members.values()].map(({ core }) => core);
  const heardOf = ['read: answered', 'read: refused'].map((read) => operations.counts.get(read) ?? 0);
  operations.add(
    'read: never answered',
    heardOf.reduce((left, count) => left - count, readsAsked),
  );
  const counts = new Map([
    ...effects.counts,
    ['messages sent', sent],
    ['messages cut off', cut],
    ['elections won', cores.reduce((sum, { counters }) => sum + counters.leaderships, 0)],
    ['entries committed', Math.max(0, ...cores.map(({ log }) => log.commitIndex + 1))],
  ]);
  return {
    simulatedMs: queue.now,
    events,
    operations: operations.counts,
    faults: faults.counts,
    counts,
    situations: situations.met,
  };
}

function failureOf(cluster: Cluster, run: () => void): Failure | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const invariant = error instanceof Violation ? error.invariant : `assertion of the product (${error.name})`;
    const message = error instanceof Violation ? error.message : `${cluster.acting?.id}: ${error.message}`;
    cluster.tellUnfinishedStep();
    cluster.note(() => `VIOLATED ${invariant}: ${message}`);
    const about = error instanceof Violation ? error.about : undefined;
    return { invariant, message, about, stack: error.stack, scene: cluster.scene() };
  }
}

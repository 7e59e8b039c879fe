import * as hamok from 'hamok';
import { Violation } from '../invariants/invariant.js';
import { SeededRandom } from '../random.js';
import type { Failure } from '../simulation.js';
import type { NetworkCounters } from '../world/network.js';
import { Trace } from '../world/trace.js';
import type { GridCounters } from './counters.js';
import { GridFaultSchedule } from './faults/schedule.js';
import { gridInvariants } from './invariants/index.js';
import { checkGridRecovery } from './liveness/recovery.js';
import { Operator } from './operator.js';
import { type GridPlan, gridPlanOf } from './plan.js';
import type { Product } from './product.js';
import { MapClient } from './workload/map-client.js';
import { scheduleWork } from './workload/schedule.js';
import { Values } from './workload/values.js';
import { World } from './world/world.js';

export interface GridSimulationOptions {
  readonly seed: number;
  /** How long the faults last, in ms of virtual time. What follows, until the grid has settled, comes on top. */
  readonly ticks: number;
  /** Default: the product as it is. */
  readonly product?: Product;
  /** Takes each line of the trace. Without it none is built. */
  readonly trace?: (line: string) => void;
}

export interface GridSimulationResult {
  readonly seed: number;
  readonly plan: GridPlan;
  readonly failure: Failure | undefined;
  /** Virtual time that passed, in ms. */
  readonly simulatedMs: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly network: NetworkCounters;
  readonly counters: GridCounters;
  readonly elections: number;
  readonly committed: number;
}

/** Runs one seed with whole members: a cold start, faults and clients for a while, then healing and the liveness checks. */
export async function simulateGrid(options: GridSimulationOptions): Promise<GridSimulationResult> {
  const { seed, ticks, product = hamok, trace } = options;
  const random = new SeededRandom(seed);
  const plan = gridPlanOf(random.fork());
  const [faultRandom, workRandom, operatorRandom] = [random.fork(), random.fork(), random.fork()];
  const world = new World(plan, product, random.fork(), gridInvariants(), new Trace(trace));
  const operator = new Operator(world, operatorRandom, new MapClient(new Values()));
  const faults = new GridFaultSchedule(world, faultRandom, operator);
  const failure = await failureOf(async () => {
    operator.coldStart();
    const stop = scheduleWork(world, operator, workRandom);
    await world.runUntil(ticks);
    stop();
    faults.heal();
    world.note(() => 'everything heals');
    await checkGridRecovery(world, operator);
  });
  if (failure) world.note(() => `VIOLATED ${failure.invariant}: ${failure.message}`);
  const cores = world.processes.flatMap(({ core }) => core ?? []);
  const result = {
    seed,
    plan,
    failure,
    simulatedMs: world.queue.now,
    faults: faults.counts,
    network: world.fabric.network.counters,
    counters: world.counters,
    elections: cores.reduce((sum, { counters }) => sum + counters.leaderships, 0),
    committed: Math.max(0, ...cores.map(({ log }) => log.commitIndex + 1)),
  };
  for (const process of world.living) process.kill();
  return result;
}

async function failureOf(run: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const invariant = error instanceof Violation ? error.invariant : `assertion of the product (${error.name})`;
    return { invariant, message: error.message, stack: error.stack };
  }
}

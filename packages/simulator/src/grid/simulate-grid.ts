import events from 'node:process';
import * as hamok from 'hamok';
import { Violation } from '../invariants/invariant.js';
import { type Overrides, withOverrides } from '../overrides.js';
import { SeededRandom } from '../random.js';
import type { Failure, SimulationResult } from '../result.js';
import { Trace, type TraceSink } from '../world/trace.js';
import { GridFaultSchedule } from './faults/schedule.js';
import { checkGridRecovery } from './liveness/recovery.js';
import { Operator } from './operator.js';
import { gridPlanOf } from './plan.js';
import type { Product } from './product.js';
import { watchedClients } from './watched-clients.js';
import { scheduleCalls } from './workload/schedule.js';
import { abbreviated } from './world/describe.js';
import { promptCompression } from './world/prompt-compression.js';
import { promptDigests } from './world/prompt-digests.js';
import { sceneOf } from './world/scene.js';
import { turned } from './world/turn.js';
import { World } from './world/world.js';

export interface GridSimulationOptions {
  readonly seed: number;
  /** How long the faults last, in ms of virtual time. What follows, until the grid has settled, comes on top. */
  readonly ticks: number;
  /** Takes the place of what the seed drew. */
  readonly overrides?: Overrides | undefined;
  /** Default: the product as it is. */
  readonly product?: Product;
  /** Takes each line of the trace. Without it none is built. */
  readonly trace?: TraceSink | undefined;
}

/** Runs one seed with whole members: a cold start, faults and clients for a while, then healing and the liveness checks. */
export async function simulateGrid(options: GridSimulationOptions): Promise<SimulationResult> {
  const { seed, ticks, overrides, product = hamok, trace } = options;
  await turned();
  const random = new SeededRandom(seed);
  const plan = withOverrides(gridPlanOf(random.fork()), overrides);
  const [faultRandom, workRandom, operatorRandom] = [random.fork(), random.fork(), random.fork()];
  const { invariants, clients } = watchedClients(plan);
  const world = new World(plan, product, random.fork(), invariants, new Trace(trace));
  const operator = new Operator(world, operatorRandom);
  const faults = new GridFaultSchedule(world, faultRandom, operator);
  const onRejection = (reason: unknown): void => world.violate(new Violation('no unhandled rejections', `${reason}`));
  events.on('unhandledRejection', onRejection);
  const bringBack = [promptDigests(), promptCompression()];
  const failure = await failureOf(world, async () => {
    operator.coldStart();
    const stop = scheduleCalls(world, clients, workRandom);
    await world.runUntil(ticks);
    stop();
    faults.heal();
    world.note(() => 'everything heals');
    await checkGridRecovery(world, operator, clients);
  });
  if (failure) world.note(() => `VIOLATED ${failure.invariant}: ${failure.message.split('\n')[0]}`);
  const result = { seed, plan, failure, strikes: faults.strikes, ...figuresOf(world) };
  for (const process of world.living) process.kill();
  events.off('unhandledRejection', onRejection);
  for (const bring of bringBack) bring();
  return result;
}

type Figures = Pick<SimulationResult, 'simulatedMs' | 'events' | 'operations' | 'faults' | 'counts' | 'situations'>;

function figuresOf(world: World): Figures {
  const {
    events,
    steps,
    processes,
    applied,
    localReads,
    snapshotsInstalled,
    statesCompared,
    undecidedHistories,
    conflicts,
  } = world.counters;
  const { sent, lost, delayed, reordered, duplicated, cut } = world.fabric.network.counters;
  const cores = world.processes.flatMap(({ core }) => core ?? []);
  return {
    simulatedMs: world.queue.now,
    events,
    operations: new Map([...world.operations.counts, ['read: local', localReads]]),
    faults: new Map([
      ...world.faults.counts,
      ['drop', lost],
      ['delay', delayed],
      ['reorder', reordered],
      ['duplicate', duplicated],
      ['late word of a membership', world.fabric.lateWords.count],
    ]),
    counts: new Map([
      ['messages sent', sent],
      ['messages cut off', cut],
      ['steps of processes', steps],
      ['processes', processes],
      ['entries applied', applied],
      ['snapshots installed', snapshotsInstalled],
      ['states compared', statesCompared],
      ['histories given up on', undecidedHistories],
      ['grid conflicts', conflicts],
      ['elections won', cores.reduce((sum, { counters }) => sum + counters.leaderships, 0)],
      ['entries committed', Math.max(0, ...cores.map(({ log }) => log.commitIndex + 1))],
    ]),
    situations: world.situations.met,
  };
}

async function failureOf(world: World, run: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const invariant = error instanceof Violation ? error.invariant : `assertion of the product (${error.name})`;
    const about = error instanceof Violation ? error.about : undefined;
    return { invariant, message: abbreviated(error.message), about, stack: error.stack, scene: sceneOf(world) };
  }
}

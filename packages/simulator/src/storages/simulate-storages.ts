import process from 'node:process';
import { drained, turned } from '../grid/world/turn.js';
import { Violation } from '../invariants/invariant.js';
import { type Overrides, withOverrides } from '../overrides.js';
import { SeededRandom } from '../random.js';
import type { Failure, SimulationResult } from '../result.js';
import { Trace, type TraceSink } from '../world/trace.js';
import { checkCopies, checkUnchanged, type Found, readEverywhere, readOtherwise, thinOut } from './at-rest.js';
import { StorageClient } from './client.js';
import { StorageFaultSchedule } from './faults/schedule.js';
import { storagesPlanOf } from './plan.js';
import { Epochs, sceneOf, unrestOf } from './scene.js';
import { storageSituationsOf } from './situations.js';
import { type StoragesProduct, StoragesWorld } from './storages-world.js';

export interface StoragesSimulationOptions {
  readonly seed: number;
  /** How long the faults last, in ms of virtual time. What follows, until everything has settled, comes on top. */
  readonly ms: number;
  readonly product: StoragesProduct;
  readonly trace?: TraceSink | undefined;
  /** Takes the place of what the seed drew. */
  readonly overrides?: Overrides | undefined;
}

/** Everything must be in its place again so long after the last fault. */
const settlesWithinMs = 60_000;
const stepsPerTurn = 4096;
/** Looking costs more than a step. */
const situationsSeenEvery = 16;

/** Runs one seed: members that share a storage, separated or federated, with faults and calls for a while; then healing, and what must be true then. */
export async function simulateStorages(options: StoragesSimulationOptions): Promise<SimulationResult> {
  const { seed, ms, product, trace, overrides } = options;
  await turned();
  const random = new SeededRandom(seed);
  const plan = withOverrides(storagesPlanOf(random.fork()), overrides);
  const world = new StoragesWorld(plan, product, random.fork(), new Trace(trace));
  const run = new Run(world, random.fork());
  const failure = await run.failureOf(() => run.play(ms));
  world.trace.end();
  run.end();
  await turned();
  return {
    seed,
    plan,
    failure,
    simulatedMs: world.queue.now,
    events: run.steps,
    operations: world.operations.counts,
    faults: world.faults.counts,
    strikes: run.faults.strikes,
    counts: new Map([
      ['changes acknowledged', world.history.acknowledged],
      ['reads checked', world.history.reads],
      ['entries reported as lost', world.lost],
      ['reports of entries lost with all who knew of them', world.lostUnnamed],
      ['frames lost', world.network.lost],
      ['frames doubled', world.network.doubled],
    ]),
    situations: world.situations.met,
  };
}

class Run {
  steps = 0;
  readonly faults: StorageFaultSchedule;
  readonly #client: StorageClient;
  readonly #pace: SeededRandom;
  #busy = false;
  #phases = 0;
  #unhandled: Violation | undefined;
  readonly #epochs: Epochs;

  constructor(
    readonly world: StoragesWorld,
    readonly random: SeededRandom,
  ) {
    this.#client = new StorageClient(world, random.fork());
    this.#pace = random.fork();
    this.faults = new StorageFaultSchedule(world, random.fork());
    this.#epochs = new Epochs(world);
  }

  async play(ms: number): Promise<void> {
    const { world } = this;
    await this.#until(200);
    const { restEvery } = world.plan;
    let found = await this.#phase(Math.min(ms, restEvery));
    for (let left = ms - restEvery; left > 0; left -= restEvery) {
      world.fill();
      found = await this.#phase(Math.min(left, restEvery));
      if (this.random.chance(0.4) && thinOut(world, this.random)) found = await this.#rest(found);
    }
    while (thinOut(world, this.random)) found = await this.#rest(found);
    await readOtherwise(world, found, (until) => this.#until(until));
  }

  /** Calls and faults, and then rest. */
  async #phase(ms: number): Promise<Found> {
    const { world } = this;
    const { loss, duplication, maxDelayInMs } = world.plan;
    world.network.noise = { loss, duplication, maxDelayInMs };
    this.#phases++;
    this.#busy = true;
    this.#makeCalls(this.#phases);
    this.faults.begin();
    await this.#until(world.queue.now + ms);
    this.#heal();
    await drained();
    return this.#rest();
  }

  /** Until everything is in its place; then all is looked at. @param before what was read before, where nobody changes anything */
  async #rest(before?: Found): Promise<Found> {
    const { world } = this;
    const end = world.queue.now + settlesWithinMs;
    while (!(world.isSettled() && this.#client.open === 0 && world.network.isQuiet)) {
      if (world.queue.now > end)
        throw new Violation('liveness', `not settled: ${unrestOf(world) ?? 'frames are sent on and on'}`);
      await this.#until(world.queue.now + 50);
    }
    const found = await readEverywhere(world, (until) => this.#until(until));
    checkCopies(world);
    if (before !== undefined) checkUnchanged(before, found, world);
    world.rested(found);
    return found;
  }

  async failureOf(play: () => Promise<void>): Promise<Failure | undefined> {
    const note = (reason: unknown): void => {
      this.#unhandled ??= new Violation('no unhandled rejections', String(reason));
    };
    process.on('unhandledRejection', note);
    try {
      await play();
      await turned();
      if (this.#unhandled !== undefined) throw this.#unhandled;
      return undefined;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const invariant = error instanceof Violation ? error.invariant : `assertion of the product (${error.name})`;
      this.world.note(() => `VIOLATED ${invariant}: ${error.message.split('\n')[0]}`);
      const about = error instanceof Violation ? error.about : undefined;
      return { invariant, message: error.message, about, stack: error.stack, scene: sceneOf(this.world) };
    } finally {
      process.off('unhandledRejection', note);
    }
  }

  end(): void {
    this.#busy = false;
    for (const { host, collections } of this.world.takers) {
      host.kill();
      collections.close();
    }
  }

  #makeCalls(phase: number): void {
    const { queue, plan } = this.world;
    queue.after(this.#pace.between(0, 2 * plan.callEvery), () => {
      if (!this.#busy || this.#phases !== phase) return;
      this.#client.call();
      this.#makeCalls(phase);
    });
  }

  #heal(): void {
    this.#busy = false;
    this.world.note(() => 'everything heals');
    this.faults.heal();
    this.world.network.heal();
    this.world.network.noise = { loss: 0, duplication: 0, maxDelayInMs: 2 };
  }

  async #until(time: number): Promise<void> {
    const { queue } = this.world;
    for (let ran = true; ran; ) {
      ran = queue.runNext(time);
      await drained();
      for (const { host } of this.world.takers) {
        const { failure } = this.world.grid.member(host.id);
        if (failure !== undefined) throw failure;
      }
      if (this.#client.failure !== undefined) throw this.#client.failure;
      if (this.world.violation !== undefined) throw this.world.violation;
      this.world.look();
      if (this.world.trace.isHeard) this.#epochs.look();
      this.world.check();
      if (this.steps % situationsSeenEvery === 0) this.world.situations.see(storageSituationsOf(this.world));
      if (++this.steps % stepsPerTurn === 0) await turned();
    }
  }
}

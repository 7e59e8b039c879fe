import { HamokMessage } from '@hamok/messages';
import type { Entry, MemberId } from '@hamok/raft';
import type { HamokConfig } from 'hamok';
import { Situations } from '../../coverage/situations.js';
import { Violation } from '../../invariants/invariant.js';
import type { SeededRandom } from '../../random.js';
import { Reigns } from '../../report/reigns.js';
import { Tally } from '../../tally.js';
import { EventQueue } from '../../world/event-queue.js';
import type { Trace } from '../../world/trace.js';
import { type GridCounters, noCounts } from '../counters.js';
import { gridFaultClasses } from '../faults/classes.js';
import type { GridInvariant } from '../invariants/grid-invariant.js';
import type { GridPlan } from '../plan.js';
import type { Product } from '../product.js';
import type { OpenCall } from '../workload/calls.js';
import { Database } from './database.js';
import { abbreviated, describeFrame } from './describe.js';
import { Disk } from './disk.js';
import { Fabric, type Frame } from './fabric.js';
import { Process } from './process.js';
import { drained, turned } from './turn.js';

/** The event loop of this process gets its turn once in so many steps. */
const stepsPerTurn = 4096;

/** Processes on virtual time. Each event of the queue, with every microtask that follows from it, is a step, and every step is checked. */
export class World {
  readonly queue = new EventQueue();
  readonly fabric: Fabric;
  readonly database: Database;
  readonly counters: GridCounters = { ...noCounts };
  readonly operations = new Tally();
  readonly faults = new Tally(gridFaultClasses);
  /** By host. */
  readonly #disks = new Map<string, Disk>();
  readonly situations = new Situations();
  readonly reigns = new Reigns();
  /** Every process that ever was, the dead too. */
  readonly processes: Process[] = [];
  /** Processes that are about to leave, or to be closed. */
  readonly departing = new Set<Process>();
  /** Every member that ever asked to leave, or that an operator asked to remove. */
  readonly dismissed = new Set<MemberId>();
  /** Calls of programs that have not ended. */
  readonly calls = new Set<OpenCall>();
  /** All calls that write what no other call does, in the order in which they were made. */
  readonly writes: OpenCall[] = [];
  /** When a process ended last. */
  diedAt = Number.NEGATIVE_INFINITY;
  readonly #lives = new Map<string, number>();
  readonly #touched = new Set<Process>();
  /** What invariants do at every step, frame and entry. */
  readonly #onStep: readonly NonNullable<GridInvariant['onStep']>[];
  readonly #onSent: readonly NonNullable<GridInvariant['onSent']>[];
  readonly #onReceived: readonly NonNullable<GridInvariant['onReceived']>[];
  readonly #onApplied: readonly NonNullable<GridInvariant['onApplied']>[];
  #violation: unknown;

  constructor(
    readonly plan: GridPlan,
    readonly product: Product,
    readonly random: SeededRandom,
    readonly invariants: readonly GridInvariant[],
    readonly trace: Trace,
  ) {
    this.fabric = new Fabric(
      this.queue,
      random.fork(),
      (frame) => this.#deliver(frame),
      (frame) => this.#noteFrame('LOST: ', frame),
    );
    this.fabric.network.noise = plan.noise;
    this.database = new Database(this, random.fork());
    this.#onStep = invariants.flatMap((each) => each.onStep?.bind(each) ?? []);
    this.#onSent = invariants.flatMap((each) => each.onSent?.bind(each) ?? []);
    this.#onReceived = invariants.flatMap((each) => each.onReceived?.bind(each) ?? []);
    this.#onApplied = invariants.flatMap((each) => each.onApplied?.bind(each) ?? []);
  }

  get living(): Process[] {
    return this.processes.filter(({ isDead }) => !isDead);
  }

  get running(): Process[] {
    return this.processes.filter(({ status }) => status === 'running');
  }

  /** Those that programs can call. */
  get serving(): Process[] {
    return this.running.filter(({ isClosed }) => !isClosed);
  }

  /** Those that believe that they lead. */
  get leaders(): Process[] {
    return this.processes.filter(({ leads }) => leads);
  }

  /** The process that lives on a host. */
  on(host: string): Process | undefined {
    return this.living.find((process) => process.host === host);
  }

  /** A new process. It does not take part before it is told to. */
  spawn(peerId: string, host: string, config: Partial<HamokConfig>): Process {
    const life = (this.#lives.get(host) ?? 0) + 1;
    this.#lives.set(host, life);
    const process = new Process(`${host}#${life}`, peerId, host, this, this.random.fork(), config, this.#diskOf(host));
    this.processes.push(process);
    this.counters.processes++;
    for (const invariant of this.invariants) invariant.onSpawn?.(process);
    this.note(() => `${process.name} starts`);
    return process;
  }

  #diskOf(host: string): Disk | undefined {
    const { durability, maxDiskLatency } = this.plan;
    if (durability === 'none') return undefined;
    const disk =
      this.#disks.get(host) ?? new Disk(this.queue, this.random.fork(), durability, maxDiskLatency, this.product);
    this.#disks.set(host, disk);
    return disk;
  }

  /** Runs until a time. Throws what an invariant throws. */
  async runUntil(time: number): Promise<void> {
    // From here on this is a microtask.
    await undefined;
    while (this.queue.runNext(time)) {
      this.counters.events++;
      if (this.#touched.size > 0) {
        await drained();
        if (++this.counters.steps % stepsPerTurn === 0) await turned();
        this.#checkStep();
      }
      if (this.#violation !== undefined) throw this.#violation;
    }
  }

  async runFor(duration: number): Promise<void> {
    await this.runUntil(this.queue.now + duration);
  }

  /** A process does something in this step. */
  touch(process: Process): void {
    this.#touched.add(process);
  }

  /** What runs within product code cannot throw through it: the first thing found wrong ends the step. */
  violate(violation: unknown): void {
    this.#violation ??= violation;
  }

  /** Runs a check within product code. */
  check(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.violate(error);
    }
  }

  /** A process is about to leave its grid. */
  departs(process: Process): void {
    this.departing.add(process);
    this.#dismiss(process);
  }

  #dismiss({ member }: Process): void {
    if (member !== undefined) this.dismissed.add(member);
  }

  /** It has left, or does not leave any more: unless it is being closed, which ends with the process. */
  remains(process: Process): void {
    if (!process.isClosed) this.departing.delete(process);
  }

  note(line: () => string | undefined, frame?: Frame): void {
    const text = (): string | undefined => {
      const whole = line();
      return whole === undefined ? undefined : abbreviated(whole);
    };
    this.trace.add(this.queue.now, text, frame);
  }

  rejoining(process: Process): void {
    this.note(() => `${process.name} comes back${process.member === undefined ? '' : ` as ${process.member}`}`);
    // It asks to leave as whoever it is by then.
    if (this.departing.has(process) || process.isClosed) this.#dismiss(process);
    for (const invariant of this.invariants) invariant.onRejoin?.(process);
  }

  closed(process: Process): void {
    this.check(() => {
      for (const invariant of this.invariants) invariant.onClosed?.(process);
    });
  }

  died(process: Process): void {
    this.diedAt = this.queue.now;
    if (process.member !== undefined) this.reigns.end(process.member, this.queue.now);
    this.database.disconnect(process);
    for (const invariant of this.invariants) invariant.onDeath?.(process);
  }

  /** A frame leaves a process; one is about to be taken in by it. */
  sent(process: Process, frame: Uint8Array): void {
    const message = readOnce(frame);
    this.check(() => {
      for (const onSent of this.#onSent) onSent(process, message);
    });
  }

  received(process: Process, frame: Uint8Array): void {
    const message = readOnce(frame);
    this.check(() => {
      for (const onReceived of this.#onReceived) onReceived(process, message);
    });
  }

  /** An entry was applied by a process. */
  applied(process: Process, entry: Entry): void {
    this.counters.applied++;
    this.check(() => {
      for (const onApplied of this.#onApplied) onApplied(process, entry);
    });
  }

  failed(process: Process, error: Error): void {
    this.note(() => `${process.name} error: ${error.message}`);
    this.check(() => {
      for (const invariant of this.invariants) invariant.onError?.(process, error);
    });
  }

  #checkStep(): void {
    this.check(() => {
      for (const process of this.#touched) for (const onStep of this.#onStep) onStep(process);
    });
    this.#touched.clear();
  }

  #deliver(frame: Frame): void {
    const { receiver, bytes } = frame;
    if (receiver.isDead) return this.#noteFrame('LOST: ', frame);
    this.#noteFrame('', frame);
    receiver.receive(bytes);
  }

  #noteFrame(fate: string, frame: Frame): void {
    const { sender, receiver, bytes } = frame;
    this.note(() => `${fate}${sender.name} -> ${receiver.name} ${describeFrame(bytes)}`, frame);
  }
}

export function violation(invariant: string, message: string): never {
  throw new Violation(invariant, message);
}

/** What a frame says, found out when somebody asks first. */
function readOnce(frame: Uint8Array): () => HamokMessage {
  let message: HamokMessage | undefined;
  return () => {
    message ??= HamokMessage.fromBinary(frame);
    return message;
  };
}

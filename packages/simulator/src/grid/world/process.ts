import { type MemberId, MemorySnapshotStore, type RaftCore, type RaftNode } from '@hamok/raft';
import type { Hamok, HamokConfig } from 'hamok';
import type { SeededRandom } from '../../random.js';
import type { Disk } from './disk.js';
import { Endpoint } from './endpoint.js';
import { FragileSnapshots } from './fragile-snapshots.js';
import { ProcessClock } from './process-clock.js';
import type { World } from './world.js';

/** How much later a store fails that does not fail at once (ms). */
const failsWithin = 50;

export type ProcessStatus = 'running' | 'paused' | 'dead';

/** What comes while a process is paused. */
interface Waiting {
  readonly run: () => void;
  readonly isFrame: boolean;
}

/** One life of one process: a `Hamok`, and the clock, the randomness and the connections that it was given. */
export class Process {
  readonly clock: ProcessClock;
  readonly hamok: Hamok;
  readonly snapshots: FragileSnapshots;
  status: ProcessStatus = 'running';
  /** Since when it was not paused. */
  runningSince: number;
  #endpoint: Endpoint | undefined;
  /** That it takes part with, or took part last. */
  #engine: RaftNode | undefined;
  #inbox: Waiting[] = [];

  constructor(
    /** Names this life in traces. */
    readonly name: string,
    readonly peerId: string,
    /** The machine it runs on: its place in the network. */
    readonly host: string,
    readonly world: World,
    random: SeededRandom,
    config: Partial<HamokConfig>,
    /** Of its host, which it shares with those before and after it; undefined where nothing is kept. */
    readonly disk: Disk | undefined,
  ) {
    this.runningSince = world.queue.now;
    this.clock = new ProcessClock(world.queue, random.between(0, 1e6), (run) => this.act(run));
    const { clock } = this;
    const transport = (): Endpoint => {
      this.#endpoint = new Endpoint(this, world.fabric);
      return this.#endpoint;
    };
    const act = (run: () => void): void => this.act(run);
    this.snapshots = new FragileSnapshots(disk?.snapshotStore(act) ?? new MemorySnapshotStore(), {
      isInUse: () => this.core !== undefined,
      later: (stream) =>
        new Promise((resolve) => world.queue.after(stream.between(0, failsWithin), () => this.act(resolve))),
      unread: (snapshot) => disk?.snapshots.unread(snapshot),
      pieceBytes: world.plan.snapshotPiece,
    });
    const kept = {
      ...(disk && { raftLogs: disk.log(act) }),
      snapshots: { ...config.snapshots, store: this.snapshots },
    };
    this.hamok = new world.product.Hamok({ peerId, clock, random: random.next, transport, ...config, ...kept });
  }

  get isDead(): boolean {
    return this.status === 'dead';
  }

  /** Its collections tell nothing any more, though it may still take part until it has left. */
  get isClosed(): boolean {
    return this.hamok.closed;
  }

  get core(): RaftCore | undefined {
    return this.hamok.raft?.core;
  }

  /** With its incarnation; undefined while it does not take part. */
  get member(): MemberId | undefined {
    return this.hamok.raft?.member;
  }

  get gridId(): string | undefined {
    return this.hamok.raft?.gridId;
  }

  get leads(): boolean {
    return this.status === 'running' && this.core?.role === 'leader';
  }

  /** A voter that has caught up. */
  get hasJoined(): boolean {
    return this.hamok.raft?.joined ?? false;
  }

  /** Does something as this process now, or when its pause ends, or never where it is dead. */
  act(run: () => void, isFrame = false): void {
    if (this.status === 'dead') return;
    if (this.status === 'paused') {
      this.#inbox.push({ run, isFrame });
      return;
    }
    this.world.touch(this);
    run();
  }

  /** Takes part from now on, as for the first time, or after it left: where it still tries to leave, once that has come to an end. */
  start(): void {
    const { hamok, world } = this;
    if (this.#engine && !hamok.run) world.rejoining(this);
    hamok.start().then(
      () => this.#began(),
      (error: unknown) => {
        // It may be closed while it leaves.
        if (!this.isClosed) world.violate(error);
      },
    );
  }

  /** With an engine of its own, unless it had never ceased to take part: leaving takes its time, and may fail. */
  #began(): void {
    const { world } = this;
    const { raft } = this.hamok;
    if (!raft || raft === this.#engine) return;
    // What it told until now, while it left, is of the time before.
    if (this.#engine) world.rejoining(this);
    this.#engine = raft;
    for (const invariant of world.invariants) invariant.onEngine?.(this, raft);
    raft.on('commit', (_, entry) => world.applied(this, entry));
    // It may have been asked to go before it knew as whom.
    if (world.departing.has(this)) world.departs(this);
  }

  receive(frame: Uint8Array): void {
    this.act(() => {
      this.world.received(this, frame);
      this.#endpoint?.receive(frame);
    }, true);
  }

  pause(): void {
    if (this.status === 'running') this.status = 'paused';
  }

  /** What came meanwhile is found one after another: the frames among it in the order that is given them. Default: as they came. */
  resume(arrange: <T>(frames: readonly T[]) => readonly T[] = (frames) => frames): void {
    if (this.status !== 'paused') return;
    this.status = 'running';
    this.runningSince = this.world.queue.now;
    const found = this.#inbox.splice(0);
    const frames = [...arrange(found.filter(({ isFrame }) => isFrame))];
    for (const waiting of found) {
      const { run, isFrame } = (waiting.isFrame ? frames.shift() : undefined) ?? waiting;
      this.world.queue.after(0, () => this.act(run, isFrame));
    }
  }

  /** From now on nothing of it runs, and nobody was told. */
  kill(): void {
    if (this.isDead) return;
    this.status = 'dead';
    this.world.departing.delete(this);
    this.#inbox = [];
    this.clock.kill();
    this.#endpoint?.abandon();
    const lost = this.disk?.crash() ?? 0;
    if (lost > 0) this.world.faults.add('lost unsynced tail');
    this.world.died(this);
  }
}

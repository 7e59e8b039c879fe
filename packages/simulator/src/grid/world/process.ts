import type { MemberId, RaftCore } from '@hamok/raft';
import type { Hamok, HamokConfig } from 'hamok';
import type { SeededRandom } from '../../random.js';
import { Endpoint } from './endpoint.js';
import { ProcessClock } from './process-clock.js';
import type { World } from './world.js';

export type ProcessStatus = 'running' | 'paused' | 'dead';

/** One life of one process: a `Hamok`, and the clock, the randomness and the connections that it was given. */
export class Process {
  readonly clock: ProcessClock;
  readonly hamok: Hamok;
  status: ProcessStatus = 'running';
  readonly #endpoint: Endpoint;
  #inbox: (() => void)[] = [];

  constructor(
    /** Names this life in traces. */
    readonly name: string,
    readonly peerId: string,
    /** The machine it runs on: its place in the network. */
    readonly host: string,
    readonly world: World,
    random: SeededRandom,
    config: Partial<HamokConfig>,
  ) {
    this.clock = new ProcessClock(world.queue, random.between(0, 1e6), (run) => this.act(run));
    this.#endpoint = new Endpoint(this, world.fabric);
    const { clock } = this;
    const transport = () => this.#endpoint;
    this.hamok = new world.product.Hamok({ peerId, clock, random: random.next, transport, ...config });
  }

  get isDead(): boolean {
    return this.status === 'dead';
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
  act(run: () => void): void {
    if (this.status === 'dead') return;
    if (this.status === 'paused') {
      this.#inbox.push(run);
      return;
    }
    this.world.touch(this);
    run();
  }

  receive(frame: Uint8Array): void {
    this.act(() => this.#endpoint.receive(frame));
  }

  pause(): void {
    if (this.status === 'running') this.status = 'paused';
  }

  /** What came meanwhile is found one after another. */
  resume(): void {
    if (this.status !== 'paused') return;
    this.status = 'running';
    for (const run of this.#inbox.splice(0)) this.world.queue.after(0, () => this.act(run));
  }

  /** From now on nothing of it runs, and nobody was told. */
  kill(): void {
    if (this.isDead) return;
    this.status = 'dead';
    this.#inbox = [];
    this.clock.kill();
    this.#endpoint.abandon();
    this.world.died(this);
  }
}

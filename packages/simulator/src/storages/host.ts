import type { Clock, Consensus, MemberId, StateMachine, Wait } from '@hamok/collections';
import type { GridMember, InMemoryGrid } from '@hamok/collections/testing';
import { defer } from '../grid/world/turn.js';
import type { EventQueue } from '../world/event-queue.js';
import type { FrameNetwork } from './frame-network.js';

/** As that of Node.js: other things happen between. */
const shortestTimerInMs = 1;

/** One life of one process: its clock, and its engine, whose frames go over a network that loses some. */
export class Host {
  readonly clock: Clock;
  readonly consensus: Consensus;
  status: 'running' | 'stopped' | 'dead' = 'running';
  /** When it last went on after it stood still. */
  resumedAt = Number.NEGATIVE_INFINITY;
  /** When the log said that it is no member any more, whether or not it knows. */
  removedAt: number | undefined;
  /** When something last came from one that took part no longer, as neither knew. */
  misledAt = Number.NEGATIVE_INFINITY;
  readonly #engine: GridMember;
  #lags = false;
  /** Entries of the log that are on their way to it. */
  #late = 0;
  #waiting: (() => void)[] = [];

  constructor(
    id: MemberId,
    grid: InMemoryGrid,
    private readonly queue: EventQueue,
    network: FrameNetwork,
    /** A frame came, and is taken in. */
    private readonly received: (host: Host, from: MemberId, frame: Uint8Array) => void,
    /** Whether it hears who leads. */
    isLed: (host: Host) => boolean,
  ) {
    const engine = grid.member(id);
    this.#engine = engine;
    this.clock = {
      now: () => queue.now,
      setTimer: (callback, delayInMs) => this.#setTimer(callback, delayInMs),
      defer: (callback) => defer(() => this.act(callback)),
    };
    this.consensus = {
      get self(): MemberId {
        return engine.self;
      },
      start: (machine: StateMachine) => engine.start(machine),
      propose: (command: Uint8Array) => engine.propose(command),
      barrier: (_wait?: Wait) => this.#ask(() => engine.barrier(), network.noise.maxDelayInMs),
      status: () => (isLed(this) ? engine.status() : { ...engine.status(), leader: undefined }),
      stop: () => engine.stop(),
      send: (to, frame) => {
        if (this.status === 'dead') return false;
        network.send(engine.self, to, frame);
        return true;
      },
    };
  }

  get removed(): boolean {
    return this.removedAt !== undefined;
  }

  /** Another one when it came back as another. */
  get id(): MemberId {
    return this.#engine.self;
  }

  /** The part of the id that stays when a process takes its place. */
  get name(): string {
    return this.id.slice(0, this.id.indexOf('@'));
  }

  /** Runs something as this process: later while it is stopped, never when it is dead. */
  act(run: () => void): void {
    if (this.status === 'running') run();
    else if (this.status === 'stopped') this.#waiting.push(run);
  }

  receive(from: MemberId, frame: Uint8Array): void {
    this.act(() => {
      this.received(this, from, frame);
      this.#engine.receive(from, frame);
    });
  }

  /** It applies nothing for a while, though it runs. */
  set lags(lags: boolean) {
    this.#lags = lags;
    this.#follow();
  }

  /** What is appended from now on it applies so much later. */
  hearsLate(delayInMs: number): void {
    this.#late++;
    this.#follow();
    this.queue.after(delayInMs, () => {
      this.#late--;
      this.#follow();
    });
  }

  /** As by SIGSTOP: what comes meanwhile waits. */
  stop(): void {
    if (this.status !== 'running') return;
    this.status = 'stopped';
    this.#engine.paused = true;
  }

  resume(): void {
    if (this.status !== 'stopped') return;
    this.status = 'running';
    this.resumedAt = this.queue.now;
    this.lags = false;
    for (const run of this.#waiting.splice(0)) this.act(run);
  }

  kill(): void {
    this.status = 'dead';
    this.#waiting = [];
    this.#engine.paused = true;
  }

  /** Asks the leader: there and back, and whatever is decided meanwhile. */
  async #ask<T>(question: () => Promise<T>, delayInMs: number): Promise<T> {
    await this.#passes(delayInMs);
    const answer = await question();
    await this.#passes(delayInMs);
    return answer;
  }

  #passes(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#setTimer(resolve, ms);
    });
  }

  #follow(): void {
    if (this.status === 'dead') return;
    this.#engine.paused = this.#lags || this.#late > 0 || this.status === 'stopped';
    if (!this.#engine.paused) this.#engine.deliver();
  }

  #setTimer(callback: () => void, delayInMs: number): () => void {
    let isDue = delayInMs < Number.POSITIVE_INFINITY;
    if (isDue)
      this.queue.after(Math.max(shortestTimerInMs, delayInMs), () =>
        this.act(() => {
          if (!isDue) return;
          isDue = false;
          callback();
        }),
      );
    return () => {
      isDue = false;
    };
  }
}

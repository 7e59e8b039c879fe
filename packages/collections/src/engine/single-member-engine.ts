import { type Clock, systemClock } from '../clock.js';
import type { Consensus, EngineStatus, MemberId, StateMachine } from '../consensus.js';
import { ClosedError, IndeterminateError, NotCommittedError } from '../errors.js';
import { Fifo } from '../fifo.js';

interface Appended {
  readonly command: Uint8Array;
  readonly time: number;
  readonly resolve: (index: number) => void;
  readonly reject: (error: unknown) => void;
}

/** A grid of one, in memory: what it accepts is committed at once, and applied before the next turn of the event loop. */
export class SingleMemberEngine implements Consensus {
  readonly self: MemberId;
  readonly #clock: Clock;
  readonly #waiting = new Fifo<Appended>();
  #machine: StateMachine | undefined;
  #stopped = false;
  #scheduled = false;
  #applied = -1;

  constructor(options: { readonly id?: string; readonly incarnation?: number; readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
    this.self = `${options.id ?? 'single'}@${options.incarnation ?? 1}`;
  }

  async start(machine: StateMachine): Promise<void> {
    this.#machine = machine;
    machine.membersChanged({ index: -1, joined: [this.self], left: [] });
    machine.leading(1);
  }

  propose(command: Uint8Array): Promise<number> {
    const machine = this.#machine;
    if (machine === undefined || this.#stopped)
      return Promise.reject(new NotCommittedError('the engine does not run', 'not-leading'));
    const refusal = machine.admit(this.self, command);
    if (refusal !== undefined) return Promise.reject(new NotCommittedError(`refused: ${refusal}`, refusal));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, time: Math.floor(this.#clock.now()), resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      this.#clock.defer(() => this.#applyAll());
    });
  }

  barrier(): Promise<number> {
    if (this.#machine === undefined || this.#stopped) return Promise.reject(new ClosedError('the engine'));
    return new Promise((resolve) => {
      // A listener may call this while a command is being applied.
      this.#clock.defer(() => {
        this.#applyAll();
        resolve(this.#applied);
      });
    });
  }

  send(): boolean {
    return false;
  }

  status(): EngineStatus {
    const runs = this.#machine !== undefined && !this.#stopped;
    return {
      leader: runs ? this.self : undefined,
      term: 1,
      commit: this.#applied + this.#waiting.length,
      applied: this.#applied,
      members: [this.self],
    };
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#machine?.leading(undefined);
    for (const { reject } of this.#waiting.drain()) reject(new IndeterminateError('the engine was stopped'));
  }

  #applyAll(): void {
    this.#scheduled = false;
    for (let entry = this.#waiting.shift(); entry !== undefined; entry = this.#waiting.shift()) {
      try {
        this.#machine?.apply({ index: ++this.#applied, time: entry.time, command: entry.command });
        entry.resolve(this.#applied);
      } catch (error) {
        entry.reject(error);
        void this.stop();
      }
    }
  }
}

import type { Consensus, EngineStatus, MemberId, StateMachine } from '../consensus.js';
import { IndeterminateError, NotCommittedError } from '../errors.js';
import type { InMemoryGrid } from './in-memory-grid.js';

interface Waiter {
  readonly index: number;
  readonly resolve: (index: number) => void;
  readonly reject: (error: unknown) => void;
}

/** One member's engine in an `InMemoryGrid`. */
export class GridMember implements Consensus {
  /** While true, nothing is applied here. */
  paused = false;
  /** While true, it is on its way back as another incarnation, and has nobody to propose to. */
  returning = false;
  /** What stopped this member, if anything did. */
  failure: unknown;
  #machine: StateMachine | undefined;
  #applied = -1;
  #scheduled = false;
  #stopped = false;
  /** Nothing is applied meanwhile, whoever lets it go on. */
  #restoring = false;
  #waiters: Waiter[] = [];

  constructor(
    private readonly grid: InMemoryGrid,
    public self: MemberId,
  ) {}

  async start(machine: StateMachine): Promise<void> {
    this.#machine = machine;
    machine.membersChanged({ index: -1, joined: this.grid.founders, left: [] });
    this.deliver();
    if (this.grid.leader === this.self) machine.leading(this.grid.term);
  }

  propose(command: Uint8Array): Promise<number> {
    if (this.#stopped || this.returning || this.#machine === undefined)
      return Promise.reject(new NotCommittedError('the member does not run'));
    return this.grid.propose(this, command);
  }

  async barrier(): Promise<number> {
    const index = this.grid.commitIndex;
    return index <= this.#applied ? index : this.whenApplied(index);
  }

  send(to: MemberId, frame: Uint8Array): boolean {
    const target = this.grid.find(to);
    const from = this.self;
    for (let copies = this.grid.copiesOfFrame(from, to); copies > 0; copies--)
      void Promise.resolve().then(() => target?.receive(from, frame));
    return target !== undefined;
  }

  status(): EngineStatus {
    const { leader, term, commitIndex: commit, members } = this.grid;
    return { leader, term, commit, applied: this.#applied, members };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { reject } of this.#waiters.splice(0)) reject(new IndeterminateError('the member was stopped'));
  }

  /** For the grid: the leader's door. */
  admit(from: MemberId, command: Uint8Array): string | undefined {
    return this.#machine === undefined || this.#stopped ? 'not-leading' : this.#machine.admit(from, command);
  }

  /** For the grid: a frame from another member. */
  receive(from: MemberId, frame: Uint8Array): void {
    this.#machine?.receive(from, frame);
  }

  /** For the grid: this member leads from now on, or no longer. */
  lead(term: number | undefined): void {
    this.paused = false;
    this.deliver();
    this.#machine?.leading(term);
  }

  /** Applies what is committed. */
  deliver(): void {
    this.#scheduled = false;
    const isReady = (): boolean => !this.paused && !this.#restoring && !this.#stopped;
    while (isReady() && this.#machine !== undefined && this.#applied < this.grid.commitIndex) {
      const entry = this.grid.log[this.#applied + 1];
      if (entry === undefined) return;
      this.#applied = entry.index;
      const { index, time, command, joined, left } = entry;
      try {
        if (command !== undefined) this.#machine.apply({ index, time, command });
        else this.#machine.membersChanged({ index, joined: joined ?? [], left: left ?? [] });
      } catch (error) {
        this.failure = error;
        void this.stop();
      }
      this.#resolveApplied();
    }
  }

  deliverLater(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    void Promise.resolve().then(() => this.deliver());
  }

  whenApplied(index: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ index, resolve, reject });
    });
  }

  /** For the grid: what comes after `commit` is lost. */
  lose(commit: number): void {
    const lost = this.#waiters.filter(({ index }) => index > commit);
    this.#waiters = this.#waiters.filter(({ index }) => index <= commit);
    for (const { reject } of lost) reject(new IndeterminateError('the leader was lost'));
  }

  /** For the grid: takes over another member's state. */
  async restoreFrom(donor: GridMember): Promise<void> {
    if (donor.#machine === undefined || this.#machine === undefined) throw new Error('both members must run');
    donor.deliver();
    const index = donor.#applied;
    const data = donor.#machine.snapshot();
    this.#restoring = true;
    await this.#machine.restore({ index, time: this.grid.time, members: this.grid.membersAt(index) }, data);
    this.#applied = index;
    this.#restoring = false;
    this.#resolveApplied();
    this.deliver();
  }

  /** For the grid: forgets everything, and follows the log from its beginning. */
  async startOver(): Promise<void> {
    if (this.#machine === undefined) throw new Error('the member must run');
    this.#restoring = true;
    await this.#machine.restore({ index: -1, time: 0, members: [] }, nothing());
    this.#machine.membersChanged({ index: -1, joined: this.grid.founders, left: [] });
    this.#applied = -1;
    this.#restoring = false;
    this.deliver();
  }

  #resolveApplied(): void {
    const done = this.#waiters.filter(({ index }) => index <= this.#applied);
    this.#waiters = this.#waiters.filter(({ index }) => index > this.#applied);
    for (const { index, resolve } of done) resolve(index);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

import type { HamokMessage } from '@hamok/messages';
import type { Base } from '../bootstrap/base.js';
import type { Configuration } from '../core/configuration.js';
import type { Message } from '../core/message.js';
import type { RaftCoreOptions } from '../core/options.js';
import { RaftCore } from '../core/raft-core.js';
import type { Ready } from '../core/ready.js';
import { ClosedError, failureOf } from '../errors.js';
import { incarnationOf, type MemberId } from '../identity/member-id.js';
import type { Clock } from '../ports/clock.js';
import type { LogStore } from '../ports/log-store.js';
import type { SnapshotStore, StoredSnapshot } from '../ports/snapshot-store.js';
import type { StateMachine } from '../ports/state-machine.js';
import type { SnapshotPolicy } from '../snapshots/snapshot-policy.js';
import { Snapshots } from '../snapshots/snapshots.js';
import { entryEncoder } from '../wire/entries.js';
import { encodeRaftMessage } from '../wire/raft-frames.js';
import { Alarm } from './alarm.js';
import { Applier, type ApplierObserver } from './applier.js';
import { type ProposalOutcome, Proposals } from './proposals.js';
import { ReadBarriers } from './read-barriers.js';
import { Submissions } from './submissions.js';
import { Writes } from './writes.js';

export interface ReplicaOptions extends Omit<RaftCoreOptions, 'encoder' | 'now'> {
  readonly gridId: string;
  /** The members that the machine knows of already. Default: none. */
  readonly known?: Configuration;
  /**
   * This process, where it goes on as a member that another was. What it asks of others has higher numbers than its own: answers to an
   * earlier process are none to it.
   */
  readonly run?: MemberId | undefined;
  readonly machine: StateMachine;
  readonly clock: Clock;
  readonly logStore: LogStore | undefined;
  readonly snapshotStore: SnapshotStore;
  /** The one that the machine was restored from. */
  readonly restored?: StoredSnapshot;
  readonly snapshotPolicy: SnapshotPolicy;
  /** Hands a frame to the transport; false when it certainly did not leave. */
  readonly send: (to: MemberId, frame: Uint8Array) => boolean;
  readonly observer: ReplicaObserver;
}

/** What the node learns from its replica. */
export interface ReplicaObserver extends ApplierObserver {
  /** Role, leader or term differ from the last time, or whose they are: it came into its grid, or is in none any more. */
  stateChanged(): void;
  heartbeat(): void;
  /** A state of this grid left it. */
  exported(base: Base): void;
  /** A snapshot could not be taken, sent or kept; it will be tried again. */
  snapshotFailed(error: unknown): void;
  /** A rule was broken, the state machine threw, or the log was not written: the replica has stopped for good. */
  failed(error: unknown): void;
}

/**
 * Drives one RaftCore through its life in one grid: carries out what it is ready for, in the turn of the event loop in which
 * its inputs came, wakes it at its deadlines, and knows which callers wait for which entries.
 */
export class Replica {
  readonly core: RaftCore;
  readonly proposals: Proposals;
  readonly barriers: ReadBarriers;
  readonly snapshots: Snapshots;
  readonly #options: ReplicaOptions;
  readonly #clock: Clock;
  readonly #applier: Applier;
  readonly #submissions: Submissions;
  readonly #writes: Writes;
  readonly #alarm: Alarm;
  #cancelBacklog: (() => void) | undefined;
  #flushing = false;
  #scheduled = false;
  #stopped = false;
  #seen: { role: string; leader: MemberId | undefined; term: number };
  #sweepAt: number;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#clock = options.clock;
    const numbersFrom = options.run === undefined ? undefined : incarnationOf(options.run);
    this.proposals = new Proposals(numbersFrom);
    this.barriers = new ReadBarriers(numbersFrom);
    this.core = new RaftCore({ ...options, encoder: entryEncoder, now: options.clock.now() });
    this.#submissions = new Submissions({ ...options, core: this.core, proposals: this.proposals });
    this.#writes = new Writes((error) => this.fail(error));
    this.#alarm = new Alarm(options.clock, () => this.#flush());
    this.#applier = new Applier({ ...options, core: this.core, proposals: this.proposals });
    this.snapshots = new Snapshots({
      gridId: options.gridId,
      core: this.core,
      machine: options.machine,
      store: options.snapshotStore,
      policy: options.snapshotPolicy,
      restored: options.restored,
      clock: this.#clock,
      applied: () => this.#applier,
      wake: () => this.wake(),
      compacted: () => this.#guard(() => this.#compact()),
      installed: ({ position, configuration }) => this.#onInstalled(position.index, configuration),
      exported: (base) => options.observer.exported(base),
      failed: (error) => this.fail(error),
      warn: (error) => options.observer.snapshotFailed(error),
    });
    this.#seen = { role: this.core.role, leader: undefined, term: this.core.term };
    this.#sweepAt = this.#clock.now();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  start(): void {
    this.#applier.start();
    this.wake();
  }

  /** Ends all waiting, for a failure where there is one. The machine is not called any more. */
  stop(reason: string, failure?: Error): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#alarm.end();
    this.#cancelBacklog?.();
    this.#writes.end();
    this.snapshots.stop();
    this.proposals.abandon(reason, failure);
    this.barriers.abandon(() => failure ?? new ClosedError());
    this.#applier.stop();
  }

  /** Has the core looked after within this turn of the event loop, after whatever else is put in until then. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#clock.defer(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  propose(data: Uint8Array, resolve: (outcome: ProposalOutcome) => void, reject: (error: Error) => void): void {
    this.proposals.add(data, resolve, reject);
    this.wake();
  }

  /** Takes a message of this grid that is addressed to this incarnation. */
  receive(message: Message): void {
    if (this.#stopped) return;
    this.#guard(() => this.core.step(message, this.#clock.now()));
    this.wake();
  }

  /** A member's proposals. */
  receiveSubmit(frame: HamokMessage, from: MemberId): void {
    if (this.#stopped) return;
    this.#submissions.receive(frame, from);
    this.wake();
  }

  receiveSubmitAnswer(frame: HamokMessage): void {
    this.#submissions.receiveAnswer(frame);
  }

  #flush(): void {
    if (this.#stopped || this.#flushing) return;
    this.#flushing = true;
    this.#guard(() => {
      const now = this.#clock.now();
      if (now >= this.core.nextDeadline) this.core.tick(now);
      this.#submissions.proceed(now);
      this.#askBarriers(now);
      for (let ready = this.core.ready(); ready; ready = this.#stopped ? undefined : this.core.ready()) {
        const lastApplied = ready.committed[ready.committed.length - 1]?.index ?? Number.POSITIVE_INFINITY;
        const isBacklog = lastApplied < this.core.log.commitIndex;
        this.#carryOut(ready);
        if (isBacklog) {
          // It is applied over several turns, so that other work gets its turn.
          this.#cancelBacklog ??= this.#clock.setTimer(() => {
            this.#cancelBacklog = undefined;
            this.wake();
          }, 0);
          break;
        }
      }
      this.#observe();
    });
    this.#flushing = false;
    if (!this.#stopped) this.#arm();
  }

  #askBarriers(now: number): void {
    const { role, leader } = this.core;
    if (!this.barriers.hasUnasked || (role !== 'leader' && leader === undefined)) return;
    this.core.read(this.barriers.ask(now), now);
  }

  #carryOut(ready: Ready): void {
    for (const message of ready.messages) this.#send(message);
    if (ready.snapshotChunks.length > 0) this.snapshots.received(ready.snapshotChunks);
    this.#persist(ready);
    for (const { context, index } of ready.reads) this.barriers.answered(context, index);
    this.#applier.apply(ready.committed);
    this.barriers.applied(this.core.log.appliedIndex);
    if (ready.committed.length > 0) this.snapshots.applied(ready.committed);
    if (ready.snapshotsWanted.length > 0) this.snapshots.wanted(ready.snapshotsWanted);
    if (ready.snapshotOffsets.length > 0) this.snapshots.asked(ready.snapshotOffsets);
  }

  /** What promises something waits for all that was written before it, not only for what it came with. */
  #persist(ready: Ready): void {
    const { hardState, entries, messagesAfterPersist } = ready;
    const writes = hardState !== undefined || entries.length > 0;
    if (!writes && messagesAfterPersist.length === 0) return;
    const { run, logStore } = this.#options;
    const written = writes ? logStore?.append({ hardState: hardState && { ...hardState, run }, entries }) : undefined;
    if (written === undefined && this.#writes.isIdle) return this.#onDurable(ready);
    this.#writes.after(written, () => {
      this.#onDurable(ready);
      this.wake();
    });
  }

  #onDurable({ entries, messagesAfterPersist }: Ready): void {
    const last = entries[entries.length - 1];
    if (last) this.core.persisted(last.index, last.term, this.#clock.now());
    for (const message of messagesAfterPersist) {
      // Chunks wait in memory until they are kept: so no other is asked for before that.
      if (message.type === 'snapshot-response') this.snapshots.whenKept(() => this.#send(message));
      else this.#send(message);
    }
    this.#submissions.persisted();
  }

  #compact(): void {
    const { base } = this.core.log;
    const written = this.#options.logStore?.compact(base, this.core.log.configurationAt(base.index));
    if (written) this.#writes.after(written, () => {});
  }

  #send(message: Message): void {
    this.#options.send(message.to, encodeRaftMessage(message, this.#options.gridId));
    if (message.type === 'append-request' && message.entries.length === 0) this.#options.observer.heartbeat();
  }

  /** What lay before the snapshot is skipped. */
  #onInstalled(index: number, configuration: Configuration): void {
    this.proposals.skippedTo(index);
    this.barriers.applied(index);
    this.#applier.restored(configuration);
    this.wake();
  }

  #observe(): void {
    const { role, leader, term } = this.core;
    const seen = this.#seen;
    if (seen.role !== role || seen.leader !== leader || seen.term !== term) {
      this.#seen = { role, leader, term };
      this.proposals.forsake(leader, term, Number.NEGATIVE_INFINITY);
      if (seen.leader !== leader) {
        this.barriers.askAgain(Number.POSITIVE_INFINITY);
      }
      this.#options.observer.stateChanged();
      if (this.proposals.hasUnsent || this.barriers.hasUnasked) this.wake();
    }
    const hasCaughtUp = this.core.log.appliedIndex >= this.core.termStartIndex;
    this.#applier.lead(role === 'leader' && hasCaughtUp ? term : undefined);
  }

  /** Wakes at the core's next deadline, and once in a while to find requests that were lost. */
  #arm(): void {
    const now = this.#clock.now();
    const { followerMaxIdleInMs } = this.core.timing;
    if (now >= this.#sweepAt) {
      this.#sweepAt = now + followerMaxIdleInMs / 2;
      this.proposals.forsake(this.core.leader, this.core.term, now - this.#patience(followerMaxIdleInMs));
      this.barriers.askAgain(now - followerMaxIdleInMs / 2);
      this.snapshots.sweep();
    }
    this.#alarm.set(this.core.nextDeadline, now);
  }

  /** How long an answer of the leader is waited for: the more was sent, the longer, lest what is slow is sent again on top. */
  #patience(idleInMs: number): number {
    return idleInMs * (1 + this.proposals.bytes / (1024 * 1024));
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Stops for good. */
  fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop('the member failed', failureOf(error));
    this.#options.observer.failed(error);
  }
}

import type { HamokMessage } from '@hamok/messages';
import type { Base } from '../bootstrap/base.js';
import { type Configuration, membersOf } from '../core/configuration.js';
import type { Entry } from '../core/entry.js';
import type { Message } from '../core/message.js';
import type { RaftCoreOptions } from '../core/options.js';
import { RaftCore } from '../core/raft-core.js';
import type { Ready } from '../core/ready.js';
import { ClosedError } from '../errors.js';
import type { MemberId } from '../identity/member-id.js';
import type { Clock } from '../ports/clock.js';
import type { LogStore } from '../ports/log-store.js';
import type { SnapshotStore, StoredSnapshot } from '../ports/snapshot-store.js';
import type { StateMachine } from '../ports/state-machine.js';
import type { SnapshotPolicy } from '../snapshots/snapshot-policy.js';
import { Snapshots } from '../snapshots/snapshots.js';
import { entryEncoder, isProposable } from '../wire/entries.js';
import { encodeRaftMessage } from '../wire/raft-frames.js';
import { decodeRequestId, decodeSubmitAnswer, encodeSubmit, encodeSubmitAnswer } from '../wire/submit-frames.js';
import { type Proposal, type ProposalOutcome, Proposals } from './proposals.js';
import { ReadBarriers } from './read-barriers.js';

export interface ReplicaOptions extends Omit<RaftCoreOptions, 'encoder' | 'now'> {
  readonly gridId: string;
  /** The members that the machine knows of already. Default: none. */
  readonly known?: Configuration;
  /** What this process asks of others has higher numbers than this: answers to an earlier process of this member are none to it. */
  readonly numbersFrom?: number;
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
export interface ReplicaObserver {
  /** Role, leader or term differ from the last time. */
  stateChanged(): void;
  /** A configuration was applied; the members that the grid began with count as joined. */
  configurationApplied(joined: readonly MemberId[], left: readonly MemberId[]): void;
  committed(entry: Entry): void;
  heartbeat(): void;
  /** A state of this grid left it. */
  exported(base: Base): void;
  /** A snapshot could not be taken, sent or kept; it will be tried again. */
  snapshotFailed(error: unknown): void;
  /** A rule was broken, or the state machine threw: the replica has stopped for good. */
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
  readonly #machine: StateMachine;
  #flushing = false;
  #scheduled = false;
  /** Until the store has made everything durable that it was given; undefined when it has. */
  #writing: Promise<void> | undefined;
  /** Answers that tell of a term that a crash could still make this leader begin once more. */
  #held: (() => void)[] = [];
  #stopped = false;
  #cancelTimer: (() => void) | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #appliedConfiguration: Configuration;
  #leading: number | undefined;
  #seen: { role: string; leader: MemberId | undefined; term: number };
  #sweepAt: number;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#machine = options.machine;
    this.proposals = new Proposals(options.numbersFrom);
    this.barriers = new ReadBarriers(options.numbersFrom);
    this.core = new RaftCore({ ...options, encoder: entryEncoder, now: options.clock.now() });
    this.#appliedConfiguration = options.known ?? { voters: [], learners: [] };
    this.snapshots = new Snapshots({
      gridId: options.gridId,
      core: this.core,
      machine: options.machine,
      store: options.snapshotStore,
      policy: options.snapshotPolicy,
      restored: options.restored,
      clock: this.#clock,
      appliedConfiguration: () => this.#appliedConfiguration,
      wake: () => this.wake(),
      compacted: () => this.#compact(),
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

  /** The machine learns of the members that it does not know of, the observer of all. */
  start(): void {
    const { appliedIndex } = this.core.log;
    const configuration = this.core.log.configurationAt(appliedIndex);
    const { joined, left } = this.#follow(configuration);
    if (joined.length > 0 || left.length > 0) this.#machine.membersChanged?.({ index: appliedIndex, joined, left });
    this.#options.observer.configurationApplied(membersOf(configuration), left);
    this.wake();
  }

  /** Ends all waiting. The machine is not called any more. */
  stop(reason: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelTimer?.();
    this.snapshots.stop();
    this.proposals.abandon(reason);
    this.barriers.abandon(() => new ClosedError());
    if (this.#leading !== undefined) this.#machine.leading?.(undefined);
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

  /** A member's proposals: appended in order up to the first that is refused, so that none overtakes another. */
  receiveSubmit(frame: HamokMessage, from: MemberId): void {
    if (this.#stopped) return;
    const firstIndex = this.core.log.lastIndex + 1;
    let accepted = 0;
    let refusal: string | undefined = membersOf(this.core.configuration).includes(from) ? undefined : 'not-a-member';
    for (const entry of frame.entries) {
      refusal ??= this.#append(from, new Uint8Array(entry));
      if (refusal !== undefined) break;
      accepted++;
    }
    const { term, self } = this.core;
    const answer = { requestId: decodeRequestId(frame), term, firstIndex, accepted, refusal };
    const send = (): void => {
      this.#options.send(from, encodeSubmitAnswer(self, from, this.#options.gridId, answer));
    };
    if (this.core.isTermDurable) send();
    else this.#held.push(send);
    this.wake();
  }

  receiveSubmitAnswer(frame: HamokMessage): void {
    this.proposals.answered(decodeSubmitAnswer(frame), this.core.log.appliedIndex);
  }

  /** Returns the code of a refusal. */
  #append(from: MemberId, data: Uint8Array): string | undefined {
    if (this.core.role !== 'leader') return 'not-leader';
    if (!isProposable(data)) return 'bad-command';
    const refusal = this.#machine.admit?.(from, data);
    if (refusal !== undefined) return refusal;
    const index = this.core.propose(data, this.#clock.now());
    return typeof index === 'number' ? undefined : index;
  }

  #flush(): void {
    if (this.#stopped || this.#flushing) return;
    this.#flushing = true;
    this.#guard(() => {
      const now = this.#clock.now();
      if (now >= this.core.nextDeadline) this.core.tick(now);
      this.#submit(now);
      this.#askBarriers(now);
      for (let ready = this.core.ready(); ready; ready = this.#stopped ? undefined : this.core.ready()) {
        const lastApplied = ready.committed[ready.committed.length - 1]?.index ?? Number.POSITIVE_INFINITY;
        const isBacklog = lastApplied < this.core.log.commitIndex;
        this.#carryOut(ready);
        if (isBacklog) {
          // It is applied over several turns, so that other work gets its turn.
          this.#clock.setTimer(() => this.wake(), 0);
          break;
        }
      }
      this.#observe();
    });
    this.#flushing = false;
    if (!this.#stopped) this.#arm();
  }

  /** Appends here what waits, or hands it to the leader, or keeps it until there is one. */
  #submit(now: number): void {
    if (!this.proposals.hasUnsent) return;
    const { role, leader, term, self } = this.core;
    if (role === 'leader') {
      for (const proposal of this.proposals.takeUnsent()) this.#submitHere(proposal, self, term);
    } else if (leader !== undefined) {
      this.#forward(this.proposals.takeUnsent(), leader, now);
    }
  }

  #submitHere(proposal: Proposal, self: MemberId, term: number): void {
    const refusal = this.#append(self, proposal.data);
    if (refusal === undefined) this.proposals.appended(this.core.log.lastIndex, term, proposal);
    else this.proposals.refuse(proposal, refusal);
  }

  #forward(proposals: readonly Proposal[], leader: MemberId, now: number): void {
    const { maxEntriesPerMessage, maxBytesPerMessage } = this.core.limits;
    const { gridId, send } = this.#options;
    for (let from = 0; from < proposals.length; ) {
      let bytes = 0;
      let to = from;
      while (to < proposals.length && to - from < maxEntriesPerMessage) {
        bytes += proposals[to]?.data.byteLength ?? 0;
        if (bytes > maxBytesPerMessage && to > from) break;
        to++;
      }
      const batch = proposals.slice(from, to);
      const requestId = this.proposals.forwarded(leader, batch, now);
      const entries = batch.map(({ data }) => data);
      const isSent = send(leader, encodeSubmit(this.core.self, leader, gridId, requestId, entries));
      if (!isSent) this.proposals.unsent(requestId);
      from = to;
    }
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
    this.#apply(ready.committed);
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
    const written = writes ? this.#options.logStore?.append({ hardState, entries }) : undefined;
    if (written === undefined && this.#writing === undefined) return this.#onDurable(ready);
    this.#afterWriting(written, () => {
      this.#onDurable(ready);
      this.wake();
    });
  }

  #onDurable({ entries, messagesAfterPersist }: Ready): void {
    const last = entries[entries.length - 1];
    if (last) this.core.persisted(last.index, last.term);
    for (const message of messagesAfterPersist) this.#send(message);
    if (this.#held.length > 0 && this.core.isTermDurable) for (const answer of this.#held.splice(0)) answer();
  }

  #compact(): void {
    const { base } = this.core.log;
    const written = this.#options.logStore?.compact(base, this.core.log.configurationAt(base.index));
    if (written) this.#afterWriting(written, () => {});
  }

  #afterWriting(written: Promise<void> | undefined, action: () => void): void {
    const writing = Promise.all([this.#writing, written]).then(
      () => {
        if (this.#writing === writing) this.#writing = undefined;
        if (!this.#stopped) this.#guard(action);
      },
      (error: unknown) => this.fail(error),
    );
    this.#writing = writing;
  }

  #send(message: Message): void {
    this.#options.send(message.to, encodeRaftMessage(message, this.#options.gridId));
    if (message.type === 'append-request' && message.entries.length === 0) this.#options.observer.heartbeat();
  }

  #apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (this.#stopped) return;
      const { index, term, time, data } = entry;
      let result: unknown;
      if (entry.kind === 'command') result = this.#machine.apply({ index, term, time, data });
      else if (entry.configuration) this.#applyConfiguration(index, entry.configuration);
      this.core.applied(index);
      this.proposals.applied(index, term, result);
      this.#options.observer.committed(entry);
    }
  }

  /** The machine was restored: what lay before is skipped, the membership with it. */
  #onInstalled(index: number, configuration: Configuration): void {
    const { joined, left } = this.#follow(configuration);
    this.proposals.skippedTo(index);
    this.barriers.applied(index);
    this.#options.observer.configurationApplied(joined, left);
    this.wake();
  }

  #follow(configuration: Configuration): { joined: MemberId[]; left: MemberId[] } {
    const before = membersOf(this.#appliedConfiguration);
    const after = membersOf(configuration);
    this.#appliedConfiguration = configuration;
    const joined = after.filter((member) => !before.includes(member));
    const left = before.filter((member) => !after.includes(member));
    return { joined, left };
  }

  #applyConfiguration(index: number, configuration: Configuration): void {
    const { joined, left } = this.#follow(configuration);
    if (joined.length > 0 || left.length > 0) this.#machine.membersChanged?.({ index, joined, left });
    this.#options.observer.configurationApplied(joined, left);
  }

  #observe(): void {
    const { role, leader, term } = this.core;
    const seen = this.#seen;
    if (seen.role !== role || seen.leader !== leader || seen.term !== term) {
      this.#seen = { role, leader, term };
      if (seen.leader !== leader) {
        this.proposals.forsake(leader, Number.NEGATIVE_INFINITY);
        this.barriers.askAgain(Number.POSITIVE_INFINITY);
      }
      this.#options.observer.stateChanged();
      if (this.proposals.hasUnsent || this.barriers.hasUnasked) this.wake();
    }
    const leading = role === 'leader' && this.core.log.appliedIndex >= this.core.termStartIndex ? term : undefined;
    if (leading !== this.#leading) {
      this.#leading = leading;
      this.#machine.leading?.(leading);
    }
  }

  /** Wakes at the core's next deadline, and once in a while to find requests that were lost. */
  #arm(): void {
    const now = this.#clock.now();
    const { followerMaxIdleInMs } = this.core.timing;
    if (now >= this.#sweepAt) {
      this.#sweepAt = now + followerMaxIdleInMs / 2;
      this.proposals.forsake(this.core.leader, now - this.#patience(followerMaxIdleInMs));
      this.barriers.askAgain(now - followerMaxIdleInMs / 2);
      this.snapshots.sweep();
    }
    const at = this.core.nextDeadline;
    if (this.#cancelTimer && this.#timerAt <= at && this.#timerAt > now) return;
    this.#cancelTimer?.();
    this.#timerAt = at;
    this.#cancelTimer = this.#clock.setTimer(
      () => {
        this.#cancelTimer = undefined;
        this.#flush();
      },
      Math.max(0, at - now),
    );
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
    this.stop('the member failed');
    this.#options.observer.failed(error);
  }
}

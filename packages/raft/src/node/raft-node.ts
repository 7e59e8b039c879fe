import { HamokMessage } from '@hamok/messages';
import { EventEmitter } from 'eventemitter3';
import { type Configuration, membersOf } from '../core/configuration.js';
import type { RaftCore } from '../core/raft-core.js';
import {
  BusyError,
  ClosedError,
  ConfigurationError,
  failureOf,
  IndeterminateError,
  NotCommittedError,
  type RaftError,
  TooLargeError,
  UnavailableError,
} from '../errors.js';
import { idOf, type MemberId } from '../identity/member-id.js';
import type { SnapshotMeta } from '../ports/snapshot-store.js';
import type { StateMachine } from '../ports/state-machine.js';
import type { StateExport } from '../snapshots/snapshots.js';
import { wrapPayload } from '../wire/entries.js';
import { encodeDirect } from '../wire/submit-frames.js';
import { Affiliation } from './affiliation.js';
import type { NodeState, RaftNodeEvents } from './events.js';
import { guardedClock } from './guarded-clock.js';
import { Leadership } from './leadership.js';
import { type RaftNodeOptions, type ResolvedOptions, resolveOptions } from './options.js';
import type { FoundPeer } from './peer-inquiries.js';
import type { ProposalOutcome } from './proposals.js';
import { Reconfiguration } from './reconfiguration.js';
import type { Replica } from './replica.js';
import { type NodeReport, nodeReport } from './report.js';
import { type Wait, waitFor } from './waiting.js';

/**
 * One member of a grid: finds the others, agrees with them on a leader and on one log, and applies that log to a state machine.
 *
 * Without a state machine it is a leader election. Two members may both believe that they lead for a short time: one that was cut
 * off notices after at most twice `followerMaxIdleInMs`. What it proposes is not committed while it is cut off; for effects outside of the
 * log, see that it still leads after a `barrier()` right before them, or use the term in which it began to lead as a fencing token.
 */
export class RaftNode extends EventEmitter<RaftNodeEvents> {
  readonly #options: ResolvedOptions;
  readonly #affiliation: Affiliation;
  readonly #leadership: Leadership;
  readonly #reconfiguration: Reconfiguration;
  #running = false;
  #failure: RaftError | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws {ConfigurationError} naming the option that makes no sense. */
  constructor(options: RaftNodeOptions) {
    super();
    const resolved = resolveOptions(options);
    this.#options = { ...resolved, clock: guardedClock(resolved.clock, (error) => this.#failed(error)) };
    this.#affiliation = new Affiliation(this.#options, this, {
      stateChanged: () => this.#stateChanged(),
      configurationApplied: (joined, left) => this.#configurationApplied(joined, left),
      committed: (entry) => this.emit('commit', entry.index, entry),
      heartbeat: () => this.emit('heartbeat'),
      snapshotFailed: (error) => this.emit('error', asError(error)),
      failed: (error) => this.#failed(error),
    });
    this.#leadership = new Leadership(this.#options, this);
    this.#reconfiguration = new Reconfiguration(this.#options, this.#affiliation, this.#leadership, this);
  }

  get id(): string {
    return this.#options.id;
  }

  /**
   * This process of the member: the member itself, but for one that a log store brought back, which has a higher incarnation here. For
   * what belongs to a process and ends with it; consensus does not use it.
   */
  get run(): MemberId {
    return this.#affiliation.run;
  }

  /** This member with its incarnation. Changes when the grid removed it and it returns. */
  get member(): MemberId {
    return this.#affiliation.member;
  }

  get running(): boolean {
    return this.#running;
  }

  /** What stopped this member for good (see the event `failed`); undefined while it works. */
  get failure(): RaftError | undefined {
    return this.#failure;
  }

  /** The grid it belongs to; undefined while it looks for one. */
  get gridId(): string | undefined {
    return this.#affiliation.membership?.binding.gridId;
  }

  get state(): NodeState {
    return this.#leadership.state;
  }

  /** The id of the leader, as far as this member knows. */
  get leaderId(): string | undefined {
    return this.#leadership.leaderId;
  }

  get leader(): MemberId | undefined {
    return this.#leadership.leader;
  }

  get term(): number {
    return this.#replica?.core.term ?? 0;
  }

  /** Highest index known to be committed, and highest applied here; -1 for none. */
  get commitIndex(): number {
    return this.#replica?.core.log.commitIndex ?? -1;
  }

  get appliedIndex(): number {
    return this.#replica?.core.log.appliedIndex ?? -1;
  }

  /** The members, voters first, of the configuration in force. */
  get members(): readonly MemberId[] {
    const core = this.#replica?.core;
    return core ? membersOf(core.configuration) : [];
  }

  get configuration(): Configuration {
    return this.#replica?.core.configuration ?? { voters: [], learners: [] };
  }

  /**
   * Whether this member is a voter that hears a leader: only then does it count for the safety of the data. Who was promoted has caught up;
   * who came back with its log may have missed much, and a `barrier()` waits for that.
   */
  get joined(): boolean {
    return this.#failure === undefined && (this.#affiliation.membership?.joined ?? false);
  }

  /** Ids of other members that answered a hello. */
  get foundPeers(): readonly string[] {
    return this.#affiliation.found.filter((id) => id !== this.id);
  }

  /** What keeps a member that runs from having `joined`, in words for people; undefined when it has. */
  get obstacle(): string | undefined {
    return this.#failure?.message ?? this.#affiliation.obstacle;
  }

  /** Opens the transport and begins to take part. Idempotent. */
  start(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { transport, id, gridName } = this.#options;
    await this.#affiliation.restore();
    await transport.open(
      { id, gridName },
      {
        frame: (frame) => this.#affiliation.receive(HamokMessage.fromBinary(frame)),
        connected: (peerId) => this.#affiliation.greet(peerId),
        disconnected: () => {},
        error: (error) => this.emit('error', error),
      },
    );
    this.#running = true;
    this.emit('started');
    this.#affiliation.begin();
  }

  /**
   * Ends taking part, and closes the transport: a node runs once. Leaves the grid first, for at most `requestTimeoutInMs`, unless
   * told not to; with a `logStore` only when told to, for it will be the same member when it comes back. Idempotent.
   * Lets go of everything, whatever fails; then rejects with the first that did, and the event `error` tells any others.
   */
  stop(options: { readonly leave?: boolean } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.leave ?? this.#options.logStore === undefined);
    return this.#stopping;
  }

  async #stop(leave: boolean): Promise<void> {
    this.#starting ??= Promise.reject(new ClosedError());
    const started = await this.#starting.then(
      () => true,
      () => false,
    );
    if (started && this.#running && leave) await this.leave().catch(() => undefined);
    this.#running = false;
    this.#affiliation.end('stopped');
    this.#leadership.lose();
    this.#reconfiguration.end(new ClosedError());
    await this.#closeAll(started);
  }

  /** Each is closed whatever becomes of the others: what is held open stays so as long as the process lives. */
  async #closeAll(started: boolean): Promise<void> {
    const failures = new Set<unknown>();
    const attempt = (step: () => Promise<void>): Promise<unknown> => step().catch((error) => failures.add(error));
    await attempt(async () => this.#options.transport.close());
    if (this.#reconfiguration.left === this.member) await attempt(() => this.#affiliation.forget());
    await attempt(() => this.#affiliation.close());
    if (started) this.emit('stopped');
    const [first, ...others] = failures;
    for (const error of others) this.emit('error', asError(error));
    if (failures.size > 0) throw first;
  }

  /**
   * Leaves the grid through a change of its configuration; a leader hands over first. Resolves when it is committed, or at once for
   * a member of no grid, and for the last voter, whose leaving nobody could carry on. It goes on running as no member.
   * @throws {UnavailableError} when the grid did not agree in time, {@link ClosedError} when this node was stopped before.
   */
  leave(wait: Wait = {}): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return this.#reconfiguration.leave(wait);
  }

  /**
   * Proposes a command, which comes into the log once at most, whatever the transport repeats. Resolves with what the state machine
   * returned for it on this member, once it is applied here.
   * @throws {TooLargeError} {@link ClosedError} before anything was sent, {@link BusyError} where that was so, or the leader refused it,
   * {@link NotCommittedError} when it is certainly not in the log, {@link IndeterminateError} when it may be, also after a timeout.
   */
  propose(payload: Uint8Array, wait: Wait = {}): Promise<ProposalOutcome> {
    return this.submit(wrapPayload(payload), { timeoutInMs: this.#options.requestTimeoutInMs, ...wait });
  }

  /** Proposes an encoded HamokMessage as it is. Without a timeout it waits as long as it takes. Otherwise as `propose`. */
  submit(entry: Uint8Array, wait: Wait = {}): Promise<ProposalOutcome> {
    const replica = this.#replica;
    const { maxCommandBytes, maxPending, maxPendingBytes, clock } = this.#options;
    const refusal = this.#refusal();
    if (refusal) return Promise.reject(refusal);
    if (!replica) return Promise.reject(new NotCommittedError('no-grid'));
    if (entry.byteLength > maxCommandBytes + 1024) {
      return Promise.reject(new TooLargeError(entry.byteLength, maxCommandBytes));
    }
    if (replica.proposals.size >= maxPending) return Promise.reject(new BusyError('maxPending'));
    if (replica.proposals.bytes >= maxPendingBytes) return Promise.reject(new BusyError('maxPendingBytes'));
    if (wait.signal === undefined && wait.timeoutInMs === undefined) {
      return new Promise((resolve, reject) => replica.propose(entry, resolve, reject));
    }
    const ended = (cause: unknown): Error =>
      new IndeterminateError('the wait ended before the outcome was known', cause);
    return waitFor(clock, wait, ended, (resolve, reject) => replica.propose(entry, resolve, reject));
  }

  /**
   * Resolves with the index of what is applied here, once that includes everything committed in the grid before the call: a local
   * read after it is linearizable. One round trip of the leader to a majority serves all that wait. It passes on any member: one that led
   * when it was called may follow another leader by then.
   * @throws {UnavailableError} when the time given ends first.
   */
  barrier(wait: Wait = {}): Promise<number> {
    const replica = this.#replica;
    const refusal = this.#refusal();
    if (refusal) return Promise.reject(refusal);
    if (!replica) return Promise.reject(new UnavailableError('not in a grid yet'));
    if (replica.barriers.size >= this.#options.maxPending) return Promise.reject(new BusyError('maxPending'));
    const ended = (): Error => new UnavailableError('no leader confirmed the read in time');
    const limited = { timeoutInMs: this.#options.requestTimeoutInMs, ...wait };
    return waitFor<number>(this.#options.clock, limited, ended, (resolve, reject) => {
      replica.barriers.add({ resolve, reject });
      replica.wake();
    });
  }

  /** Hands bytes to a member directly: lossy, unordered, not in the log. False when they certainly did not leave. */
  send(to: MemberId, payload: Uint8Array): boolean {
    const { gridId, member } = this;
    const { stateMachine, clock } = this.#options;
    if (gridId === undefined || this.#failure) return false;
    if (to !== member) return this.#affiliation.transmit(encodeDirect(member, to, gridId, payload), idOf(to));
    clock.defer(() => {
      // As where a frame comes from another: what it throws costs the frame.
      try {
        stateMachine.receive?.(to, payload);
      } catch (error) {
        this.emit('error', asError(error));
      }
    });
    return true;
  }

  /**
   * Hands leadership to a voter, by default the one that is heard and whose log is furthest. Resolves when another leads.
   * @throws {UnavailableError} when this member does not lead, there is no such voter, or it did not take over in time,
   * {@link ClosedError} when this node was stopped before.
   */
  async transferLeadership(to?: string, wait: Wait = {}): Promise<void> {
    if (this.#failure) throw this.#failure;
    return this.#reconfiguration.transferLeadership(to, wait);
  }

  /**
   * As the leader: waits until a process with this id, which has to run and to ask (as any that starts does), is a voter, or with
   * `learner` at least a member that receives the log; makes a learner a voter once it has caught up. Resolves when it is committed.
   * @throws {NotLeaderError} {@link UnavailableError} when it was not so in time.
   */
  async addMember(id: string, options: { readonly learner?: boolean } & Wait = {}): Promise<void> {
    if (this.#failure) throw this.#failure;
    return this.#reconfiguration.add(id, options);
  }

  /**
   * As the leader: removes a member through the log. Resolves when it is committed; the member is told. A process that runs on comes
   * back as a new incarnation: stop it first, or this is how to make it begin anew.
   * @throws {NotLeaderError} {@link UnavailableError} when it was not so in time.
   */
  async removeMember(id: string, wait: Wait = {}): Promise<void> {
    if (this.#failure) throw this.#failure;
    return this.#reconfiguration.remove(id, wait);
  }

  /**
   * Says hello to everyone who can be reached, once, and resolves after that time with those who answered, and what they know, whether or not
   * they are in a grid. The other side's event `hello-notification` may answer a request of the program's own.
   * @throws {ClosedError} where it does not run, or ends before, {@link ConfigurationError} for a request that is no text.
   */
  async fetchPeers(timeoutInMs: number, customRequest?: string): Promise<readonly FoundPeer[]> {
    const refusal = this.#refusal();
    if (refusal) throw refusal;
    if (customRequest !== undefined && typeof customRequest !== 'string')
      throw new ConfigurationError('customRequest', 'is not text');
    return await this.#affiliation.fetchPeers(timeoutInMs, customRequest);
  }

  /** Before the start: an id to begin with. On a running node: one to look out for. */
  addPeer(id: string): void {
    this.#affiliation.addPeer(id);
  }

  /** On a running node a hint that a peer is gone: the leader removes it from the grid unless it hears it itself. */
  removePeer(id: string): void {
    this.#affiliation.removePeer(id);
  }

  /** What a listener throws reaches `error`, and never what called it. */
  override emit<T extends EventEmitter.EventNames<RaftNodeEvents>>(
    event: T,
    ...args: EventEmitter.EventArgs<RaftNodeEvents, T>
  ): boolean {
    try {
      return super.emit(event, ...args);
    } catch (error) {
      if (event === 'error') this.#options.logger.error(`a listener of errors threw: ${String(error)}`);
      else this.emit('error', asError(error));
      return true;
    }
  }

  /** Takes a snapshot of the state machine as of what is applied, and compacts the log behind it. Resolves when it is stored. */
  async takeSnapshot(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (!this.#replica) throw new ClosedError();
    await this.#replica.snapshots.take();
  }

  /**
   * The state as of what is applied here, to be kept or given to others: cut now, produced while iterating, which is to be done once.
   * Once it was iterated to its end, the members know of it, and whoever joins with it as its `base` needs only what came after.
   * @throws {ClosedError} when it is in no grid, {@link ConfigurationError} when the state machine has no `snapshot`
   */
  export(): StateExport {
    if (this.#failure) throw this.#failure;
    if (!this.#replica) throw new ClosedError();
    return this.#replica.snapshots.export();
  }

  /** Of which grid, and as of which entry, the state machine holds the state; after a stop, what it was then. */
  get standing(): SnapshotMeta | undefined {
    return this.#affiliation.standing;
  }

  /**
   * For a grid that lost its majority for good: makes this member's state and log the base of a new grid, with a new id, which others
   * then join. What the lost majority committed without this member is lost; where several survive, recover the one whose report
   * shows the last index, and only that one. The others are bound to the lost grid, once a process: start them anew.
   * @throws {UnavailableError} unless the majority is lost (event `quorum-lost`), and while a snapshot is being installed.
   */
  recover(): void {
    if (this.#failure) throw this.#failure;
    if (!this.#leadership.quorumLost) throw new UnavailableError('the majority is not lost');
    this.#affiliation.recover();
  }

  /** For tools that watch a member: what it agrees by, undefined while it is in no grid. To be read only; another after it came back. */
  get core(): RaftCore | undefined {
    return this.#replica?.core;
  }

  /** For tools that watch a member, as `core` is: what is replicated. */
  get stateMachine(): StateMachine {
    return this.#options.stateMachine;
  }

  report(): NodeReport {
    return nodeReport(this.member, this.state, this.gridId, this.#replica, this.#now());
  }

  get #replica(): Replica | undefined {
    return this.#affiliation.membership?.replica;
  }

  #now(): number {
    return this.#options.clock.now();
  }

  #stateChanged(): void {
    const core = this.#replica?.core;
    if (!core) return this.#leadership.lose();
    this.#affiliation.membership?.stateChanged();
    this.#leadership.observe(core);
  }

  #configurationApplied(joined: readonly MemberId[], left: readonly MemberId[]): void {
    this.#affiliation.membership?.configurationApplied(joined, left);
    for (const member of left) if (idOf(member) !== this.id) this.emit('remote-peer-left', idOf(member));
    for (const member of joined) if (idOf(member) !== this.id) this.emit('remote-peer-joined', idOf(member));
  }

  /** Why nothing is taken any more, or not yet. */
  #refusal(): RaftError | undefined {
    if (this.#failure) return this.#failure;
    return this.#running && !this.#replica?.stopped ? undefined : new ClosedError();
  }

  /** Stops for good: it acknowledges nothing any more, and answers nobody. */
  #failed(error: unknown): void {
    if (this.#failure) return;
    this.#failure = failureOf(error);
    this.#affiliation.fail(this.#failure);
    this.#reconfiguration.end(this.#failure);
    this.emit('error', asError(error));
    this.#leadership.lose();
    this.emit('failed', this.#failure);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

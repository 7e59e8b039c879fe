/// <reference lib="esnext.disposable" preserve="true" />
import { ClosedError, Collections } from '@hamok/collections';
import { HamokMessage } from '@hamok/messages';
import { guardedClock, idOf, RaftNode, type StateMachine, type StoredSnapshot, type Wait } from '@hamok/raft';
import type { EventEmitter } from 'eventemitter3';
import { checkName, checkNumber, type HamokConfig, type HamokObjectConfig, resolveConfig } from './config.js';
import { Deferred } from './deferred.js';
import { duplicateOf } from './duplicate.js';
import { ConfigurationError, EventListenerError, RunningError } from './errors.js';
import type { HamokEventMap, HamokState } from './events.js';
import { forwardEvents } from './forward-events.js';
import { GridCollections } from './grid-collections.js';
import { defaultDiscoveryTimeInMs, type HamokJoinProcessParams, resolveJoin } from './join-params.js';
import { MemberTransport } from './member-transport.js';
import { nodeOptions } from './node-options.js';
import { RaftConsensus, rethrowUnavailable } from './raft-consensus.js';
import { Readiness } from './readiness.js';
import { type HamokFetchRemotePeersResponse, toResponse } from './remote-peers.js';
import {
  collect,
  type HamokExportOptions,
  type HamokImportOptions,
  type HamokSnapshot,
  type HamokSnapshotSource,
  type HamokSnapshotStream,
  readSource,
  toStream,
} from './snapshot.js';
import { type HamokStats, heardBy, statsOf } from './stats.js';
import { checkWait } from './within.js';

/** How a member ends taking part. */
export interface HamokStopOptions {
  /**
   * Whether to leave the grid first; without that it counts this member as failed. Default: true, but false with `raftLogs`, where
   * the member comes back as the same.
   */
  readonly leave?: boolean;
}

/**
 * One member of a grid: it finds the others, agrees with them on a leader, and shares collections with them.
 *
 * Give it a `transport`, or connect its event `message` to the method `accept` of the others, by whatever connections the
 * program has. It takes part from `join()` (or `start()`) on, until `close()`.
 *
 * Calls reject with errors that have a stable `code`. What goes wrong outside of a call is an event `error`, which nobody has to
 * listen to. What a listener throws reaches `error` too, and nothing else.
 */
export class Hamok<AppData = Record<string, unknown>> extends GridCollections {
  readonly config: HamokObjectConfig<AppData>;
  protected readonly collections: Collections;
  readonly #consensus: RaftConsensus;
  /** Ids that the application named: the members to begin with. */
  readonly #hints = new Set<string>();
  readonly #transport: MemberTransport;
  readonly #readiness: Readiness<this>;
  #discoveryTimeInMs: number | undefined;
  #run = false;
  #hasQuorum = true;
  /** Starts and stops happen one after another. */
  #transition: Promise<void> = Promise.resolve();
  /** Resolves with the next stop that is asked for. */
  #stopAsked = new Deferred<void>();
  #closing: Promise<void> | undefined;
  /** Ends what reads on while this member is closed. */
  readonly #closed = new AbortController();

  /** @throws {ConfigurationError} naming the field that makes no sense. */
  constructor(config: Partial<HamokConfig<AppData>> = {}) {
    super();
    this.config = resolveConfig(config);
    const { maxInFlight, maxCommandBytes, requestTimeoutInMs } = this.config;
    const onError = (error: unknown): void => this.#tellError(error);
    const clock = guardedClock(this.config.clock, onError);
    this.#readiness = new Readiness(this, { ...this.config, clock });
    this.#transport = new MemberTransport(this.config.transport, (message) => this.#tell('message', message));
    this.#consensus = new RaftConsensus((machine, base) => this.#createNode(machine, base), clock);
    this.collections = new Collections(this.#consensus, {
      maxInFlight,
      maxCommandBytes,
      requestTimeoutInMs,
      entryTimeInMs: () => this.#entryTimeInMs,
      clock,
      onError,
    });
  }

  /** Who is not told whom to expect searches that long before a grid can begin. */
  get #entryTimeInMs(): number {
    const { peers, expectedPeers } = this.config;
    return peers === undefined && expectedPeers === undefined
      ? (this.#discoveryTimeInMs ?? defaultDiscoveryTimeInMs)
      : 0;
  }

  get appData(): AppData {
    return this.config.appData;
  }

  get localPeerId(): string {
    return this.config.peerId;
  }

  /** The other members of the grid; before there is one, those that were named by `addRemotePeerId`. */
  get remotePeerIds(): ReadonlySet<string> {
    const members = this.raft?.members ?? [];
    const ids = new Set(members.length > 0 ? members.map(idOf) : this.#hints);
    ids.delete(this.localPeerId);
    return ids;
  }

  /** Whether this member leads. For a short time two members may both believe that: one that was cut off notices late. */
  get leader(): boolean {
    return this.state === 'leader';
  }

  get leaderId(): string | undefined {
    return this.raft?.leaderId;
  }

  get state(): HamokState {
    return this.raft?.state ?? 'empty';
  }

  /** Whether it takes part: from a start to a stop. */
  get run(): boolean {
    return this.#run;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Resolves when this member is a voter of its grid and has caught up with it. Rejects when it is closed before, or has stopped for good
   * (event `failed`); never unhandled.
   */
  get ready(): Promise<this> {
    return this.#readiness.ready;
  }

  /** The engine, while this member runs. */
  get raft(): RaftNode | undefined {
    return this.#run ? this.#consensus.node : undefined;
  }

  /** This member, for programs of 2.6: of their `grid` it has what is not about its insides. */
  get grid(): Pick<this, 'localPeerId' | 'leaderId' | 'remotePeerIds' | 'submit' | 'waitUntilCommitHead'> {
    return this;
  }

  /** Ids of those that this member hears: a leader its followers, any other the leader. */
  get activeRemoteHeartbeats(): IterableIterator<string> {
    return heardBy(this.raft, this.config.followerMaxIdleInMs);
  }

  get stats(): HamokStats {
    return statsOf(this.raft, this.remotePeerIds.size);
  }

  /**
   * Begins to take part, with the members known so far. Resolves when others can reach this member. Idempotent. After a stop it
   * comes back as a new member, and its collections take over what the grid holds; with `raftLogs` it comes back as the same.
   * @throws {ClosedError}, what opening the transport throws, and what stopped this member for good, until it is stopped.
   */
  start(): Promise<void> {
    return this.#then(async () => {
      if (this.closed) throw new ClosedError('the member');
      if (this.raft?.failure) throw this.raft.failure;
      if (this.#run) return;
      this.#readiness.begin();
      await this.collections.start().catch((error: unknown) => {
        this.#run = false;
        throw error;
      });
    });
  }

  /**
   * Ends taking part, until the next start. Leaves the grid first, for at most `requestTimeoutInMs`, unless it has `raftLogs`: without
   * that the others count it as failed. Calls that wait end as `indeterminate` or `not-committed`. Idempotent, never rejects.
   */
  stop(options: HamokStopOptions = {}): Promise<void> {
    this.#stopAsked.resolve();
    this.#stopAsked = new Deferred();
    return this.#then(() => this.#stop(options));
  }

  /**
   * Finds the grid, or begins one with the others, and enters it; starts if that was not done. Resolves when this member has
   * caught up. When it rejects, the member goes on trying: call it again to wait longer, or `close()`.
   * @throws {JoinTimeoutError} {@link AbortedError} {@link ClosedError} {@link ConfigurationError}, `duplicate-member` when another
   * process has this id, what opening the transport throws, and what stopped this member for good (as `log-failed`).
   */
  async join(params: HamokJoinProcessParams = {}): Promise<void> {
    const join = resolveJoin(params, this.config.requestTimeoutInMs);
    if (!this.#run) this.#discoveryTimeInMs = join.discoveryTimeInMs;
    await this.start().catch((error: unknown) => {
      throw duplicateOf(this.localPeerId, error) ?? error;
    });
    await this.#readiness.until(join, () => this.raft);
  }

  /**
   * Leaves the grid through a change of its members, and stops.
   * @throws the `unavailable` error of the engine when the grid did not confirm it in its time (default: `requestTimeoutInMs`), or, whatever
   * that is, within `requestTimeoutInMs` after a stop was asked for; without a stop this member goes on then.
   */
  async leave(wait: Wait = {}): Promise<void> {
    checkWait(wait);
    const { promise: stopAsked } = this.#stopAsked;
    return this.#then(async () => {
      const { node } = this.#consensus;
      if (!this.#run || node === undefined) return;
      let isWaiting = true;
      const leftBeforeStop = stopAsked.then(() => (isWaiting ? node.leave() : undefined));
      await Promise.race([node.leave(wait), leftBeforeStop])
        .catch(rethrowUnavailable)
        .finally(() => {
          isWaiting = false;
        });
      await this.#stop({ leave: false });
      this.#tell('left');
    });
  }

  /** Leaves as `stop` does, stops, and closes every collection, for good. Idempotent, never rejects. */
  close(options: HamokStopOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Before the start: a member to begin with. Later a hint that it can be reached. A failure is an event `error`.
   * @throws {ConfigurationError} unless the id has 1 to 256 characters.
   */
  addRemotePeerId(peerId: string): void {
    checkName('peerId', peerId);
    if (peerId === this.localPeerId || this.closed) return;
    this.#hints.add(peerId);
    this.#transport.connect(peerId);
    this.raft?.addPeer(peerId);
  }

  /** On a running grid a hint that it is gone: the leader removes it, unless it hears it itself. A failure is an event `error`. */
  removeRemotePeerId(peerId: string): void {
    if (!this.#hints.delete(peerId) && !this.#run) return;
    this.#transport.disconnect(peerId);
    this.raft?.removePeer(peerId);
  }

  /**
   * Takes what another member sent, as a message or its bytes. What is neither, or too large, is an event `error`. Ignored while
   * this member does not run.
   * @param _commitIndex taken for programs of 2.6, without effect
   * @throws {ConfigurationError} where a transport was given.
   */
  accept(message: HamokMessage | Uint8Array, _commitIndex?: number): void {
    if (this.config.transport !== undefined)
      throw new ConfigurationError('transport', 'brings the messages: accept() is for members without one');
    try {
      if (this.#run) this.#transport.accept(message);
    } catch (error) {
      this.#tellError(error);
    }
  }

  /**
   * Puts an entry of the application's own into the log. Resolves once it is applied here; every member tells it by the event
   * `commit`. It needs a `type`, and any `protocol` but that of the storages.
   * @throws the engine's `not-committed`, `indeterminate`, `busy`, `too-large` and `closed` errors.
   */
  async submit(entry: HamokMessage, wait: Wait = {}): Promise<void> {
    const { node } = this.#consensus;
    if (!this.#run || node === undefined) throw new ClosedError('the member');
    await node.submit(entry.toBinary(), { timeoutInMs: this.config.requestTimeoutInMs, ...wait });
  }

  /** Resolves once everything that was committed in the grid before the call is applied here. */
  async waitUntilCommitHead(wait: Wait = {}): Promise<void> {
    checkWait(wait);
    if (!this.#run) throw new ClosedError('the member');
    await this.#consensus.barrier(wait);
  }

  /**
   * Resolves once a leader is known, at once where one is. Without a time it waits until this member is closed.
   * @throws {LeaderTimeoutError} {@link ClosedError} {@link ConfigurationError}
   */
  async waitUntilLeader(timeoutInMs?: number): Promise<void> {
    const wait = timeoutInMs === undefined ? {} : { timeoutInMs };
    checkWait(wait);
    return this.#readiness.untilLeader(wait);
  }

  /**
   * Everything replicated, as of what is applied here: what a call has resolved with, and what an event has told of, is in it. After a stop, what it was then.
   * @throws {ClosedError} before it was in a grid.
   */
  async export(options: HamokExportOptions = {}): Promise<HamokSnapshot> {
    return collect(this.exportStream(options));
  }

  /**
   * As `export`, as a stream: of the state at the call, however long it takes to be read. Members know of it once it was read to its end.
   * @throws {ClosedError} before it was in a grid.
   */
  exportStream(options: HamokExportOptions = {}): HamokSnapshotStream {
    const state = this.#consensus.export();
    if (state === undefined) throw new ClosedError('the member');
    return toStream(state, options);
  }

  /**
   * Before `join` or `start`: begins with what was exported. Where a grid begins, it begins with the latest state that its members have, and
   * has its own members; where one runs whose state this is, only what came after is sent here. Resolves when it was read and found
   * whole; nothing is changed otherwise.
   * @throws {RunningError} when it runs, {@link ClosedError} when it is closed meanwhile, {@link ConfigurationError} for what is no source, `snapshot-damaged`, `snapshot-newer`, `snapshot-foreign` and `bad-snapshot` errors.
   */
  async import(source: HamokSnapshotSource, options: HamokImportOptions = {}): Promise<void> {
    if (this.closed) throw new ClosedError('the member');
    if (this.#run) throw new RunningError('import comes before the start');
    const gridId = options.gridId ?? this.#consensus.heldGridId;
    const { signal } = this.#closed;
    const base = await readSource(source, gridId === undefined ? {} : { gridId }, this.config.clock, signal);
    await this.#then(async () => {
      if (this.closed) throw new ClosedError('the member');
      if (this.#run) throw new RunningError('import comes before the start');
      this.#consensus.beginWith(base);
    });
  }

  /**
   * For a grid that lost its majority for good (event `quorum-lost`): what this member holds becomes the base of a new grid, which
   * the others then join. What the lost majority committed without it is lost. Where several survive, call it on one of them only:
   * the one whose `raft.report()` shows the last index.
   * @throws {ClosedError} when it does not run, and the engine's `unavailable` error unless the majority is lost, and while a snapshot is being installed.
   */
  recover(): void {
    if (this.raft === undefined) throw new ClosedError('the member');
    try {
      this.raft.recover();
    } catch (error) {
      rethrowUnavailable(error);
    }
  }

  /**
   * Says hello to everyone who can be reached, and resolves after `timeoutInMs` (from 1, default 5000) with those who answered and
   * what they know. `customRequest` is text of the program's own: listeners of `hello-notification` on the other side may answer it.
   * @throws {ConfigurationError} and the engine's `closed` error when it does not run, or stops before.
   */
  async fetchRemotePeers(timeoutInMs = 5000, customRequest?: string): Promise<HamokFetchRemotePeersResponse> {
    checkNumber('timeoutInMs', timeoutInMs, 1, false);
    if (this.raft === undefined) throw new ClosedError('the member');
    return toResponse(await this.raft.fetchPeers(timeoutInMs, customRequest));
  }

  /** Does nothing, for programs of 2.6: members learn of each other through the log. */
  broadcastEndpointNotification(): void {}

  /** Does nothing, for programs of 2.6: any number may listen. */
  setMaxListeners(_count: number): this {
    return this;
  }

  getMaxListeners(): number {
    return Number.POSITIVE_INFINITY;
  }

  #createNode(machine: StateMachine, base: StoredSnapshot | undefined): RaftNode {
    const transport = this.#transport.create();
    const node = new RaftNode(nodeOptions(this.config, transport, machine, this.#discoveryTimeInMs, base));
    for (const peerId of this.#hints) node.addPeer(peerId);
    this.#follow(node);
    return node;
  }

  /** Before its engine tells anything else: from a disk it may be in its grid at once. */
  #started(): void {
    this.#run = true;
    this.#tell('started');
    this.#tell('follower');
    this.#tell('state-changed', 'follower', 'empty');
  }

  #follow(node: RaftNode): void {
    node.on('started', () => this.#started());
    forwardEvents(node, (event, ...details) => this.#tell(event, ...details));
    node.on('leader-changed', (leaderId, previous) => {
      this.#readiness.leaderChanged(leaderId);
      this.#tell('leader-changed', leaderId, previous);
      if (leaderId !== undefined) this.#tellQuorum(true);
    });
    node.on('quorum-lost', () => this.#tellQuorum(false));
    node.on('error', (error) => {
      this.#readiness.failed(error);
      this.#tellError(error);
    });
    node.on('failed', (failure) => this.#readiness.ended(failure));
    node.on('joined', () => void this.#readiness.catchUp(node, () => this.#tell('joined')));
    node.on('rejoining', () => {
      this.#readiness.lost();
      this.#tell('rejoining');
    });
    node.on('commit', (index, { data }) => {
      if (this.listenerCount('commit') > 0) this.#tellCommit(index, data);
    });
  }

  /** Each change once, over all runs: who was stopped without a majority tells when it comes back to one. */
  #tellQuorum(hasQuorum: boolean): void {
    if (hasQuorum === this.#hasQuorum) return;
    this.#hasQuorum = hasQuorum;
    this.#tell(hasQuorum ? 'quorum-regained' : 'quorum-lost');
  }

  /** An entry may have come from anyone: what is no message must not end what applies it. */
  #tellCommit(index: number, data: Uint8Array): void {
    try {
      this.#tell('commit', index, HamokMessage.fromBinary(data));
    } catch (error) {
      this.#tellError(error);
    }
  }

  async #stop(options: HamokStopOptions): Promise<void> {
    if (!this.#run) return;
    this.#readiness.stopping();
    await this.#consensus.stop(options).catch((error: unknown) => this.#tellError(error));
    const { state } = this;
    this.#run = false;
    this.#transport.ended();
    this.#readiness.lost();
    this.#tell('state-changed', 'empty', state);
    this.#tell('stopped');
  }

  async #close(options: HamokStopOptions): Promise<void> {
    this.#closed.abort(new ClosedError('the member'));
    this.collections.close();
    await this.stop(options);
    this.#readiness.close();
    this.#tell('close');
  }

  #then(step: () => Promise<void>): Promise<void> {
    const done = this.#transition.then(step);
    this.#transition = done.catch(() => undefined);
    return done;
  }

  /** Whether anybody listened. What listeners throw stays out of consensus. */
  #tell<E extends keyof HamokEventMap>(event: E, ...details: EventEmitter.EventArgs<HamokEventMap, E>): boolean {
    try {
      return this.emit(event, ...details);
    } catch (error) {
      this.#tellError(new EventListenerError(event, error));
      return true;
    }
  }

  #tellError(error: unknown): void {
    try {
      this.emit('error', error instanceof Error ? error : new Error(String(error)));
    } catch (thrown) {
      this.config.logger.error(`a listener of "error" threw ${String(thrown)}`);
    }
  }
}

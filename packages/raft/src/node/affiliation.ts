import type { HamokMessage } from '@hamok/messages';
import type { EventEmitter } from 'eventemitter3';
import type { GridMessage, MembershipResponse } from '../bootstrap/messages.js';
import { obstacleOf } from '../bootstrap/obstacle.js';
import type { BootstrapPlan } from '../bootstrap/plan.js';
import { type Binding, GridSearch } from '../bootstrap/search.js';
import { membersOf } from '../core/configuration.js';
import { ClosedError, ForgetfulMemberError, type RaftError, UnavailableError } from '../errors.js';
import { Identity } from '../identity/identity.js';
import { idOf, incarnationOf, type MemberId } from '../identity/member-id.js';
import type { SnapshotMeta } from '../ports/snapshot-store.js';
import { Pace } from '../snapshots/pace.js';
import { decodeGridMessage, encodeGridMessage } from '../wire/grid-frames.js';
import { Conflicts } from './conflicts.js';
import type { RaftNodeEvents } from './events.js';
import { HeldState } from './held-state.js';
import { inheritanceOf, Membership, type MembershipObserver } from './membership.js';
import type { ResolvedOptions } from './options.js';
import { answerInquiry, type FoundPeer, PeerInquiries } from './peer-inquiries.js';
import type { Replica, ReplicaObserver } from './replica.js';
import { type Inheritance, type Restart, StableStorage } from './stable-storage.js';

/** What the node does not learn by events. */
export type NodeObserver = Omit<ReplicaObserver, 'exported'>;

/**
 * Which grid this process belongs to, and as whom: it looks for one, is bound to one once per incarnation, and comes back as a
 * new incarnation when the grid removed it (rules 1 to 5 of the architecture). What its stable storage holds it takes up (rule 10).
 */
export class Affiliation {
  readonly #options: ResolvedOptions;
  readonly #events: EventEmitter<RaftNodeEvents>;
  readonly #observer: MembershipObserver;
  readonly #identity: Identity;
  #search: GridSearch | undefined;
  #membership: Membership | undefined;
  #ended = false;
  #cancelRound: (() => void) | undefined;
  /** Ids to begin with, besides those of the plan. */
  readonly #seeds = new Set<string>();
  readonly #inquiries: PeerInquiries;
  readonly #storage: StableStorage | undefined;
  #restart: Restart | undefined;
  readonly #held: HeldState;
  readonly #conflicts: Conflicts;
  #stood: SnapshotMeta | undefined;
  /** Ends with this affiliation, and what it has the machine take over with it. */
  readonly #pace: Pace;
  /** What puts the machine in another state, or the storage, happens one after another: until the last of it is done. */
  #settled: Promise<unknown> = Promise.resolve();

  constructor(options: ResolvedOptions, events: EventEmitter<RaftNodeEvents>, observer: NodeObserver) {
    this.#options = options;
    this.#events = events;
    this.#observer = {
      ...observer,
      joined: () => this.#onJoined(),
      exported: (base) => this.#membership?.announce(base),
      silent: (member) => events.emit('no-heartbeat-from', idOf(member)),
      unsynced: (member) => events.emit('unsynced-peer', idOf(member)),
      forgetful: (member) => events.emit('error', new ForgetfulMemberError(member)),
      lost: () => this.#returnAsNew(-1),
      refused: (response) => this.#onRefusal(response),
      metOtherGrids: (gridIds) => this.#conflicts.ofGrids(gridIds),
    };
    this.#identity = new Identity(options);
    this.#inquiries = new PeerInquiries(options.clock, options.random);
    const { logStore, snapshotStore, stateMachine, clock } = options;
    this.#pace = new Pace(clock);
    const { failed } = observer;
    if (logStore)
      this.#storage = new StableStorage({ logStore, snapshotStore, stateMachine, pace: this.#pace, failed });
    this.#held = new HeldState(stateMachine, this.#pace, this.#storage);
    this.#conflicts = new Conflicts(options, events);
  }

  get member(): MemberId {
    return this.#identity.member;
  }

  /** This process of the member. */
  get run(): MemberId {
    return this.#identity.run;
  }

  get membership(): Membership | undefined {
    return this.#membership;
  }

  /** Whose state the machine holds, and as of which entry; once it is closed, what it was then. */
  get standing(): SnapshotMeta | undefined {
    return this.#membership?.replica.snapshots.standing ?? this.#stood;
  }

  /** Ids heard of while looking for a grid. */
  get found(): readonly string[] {
    return this.#search?.found ?? [];
  }

  /** What keeps this member from counting in a grid, in words for people; undefined when it does. */
  get obstacle(): string | undefined {
    if (this.#search) return obstacleOf(this.#plan(), this.#search);
    return this.#membership?.joined ? undefined : 'its grid has not let it in, or it has not caught up yet';
  }

  addPeer(id: string): void {
    this.#seeds.add(id);
    this.#search?.replan(this.#plan());
    if (this.#search || this.#membership) this.#hurry();
  }

  removePeer(id: string): void {
    this.#seeds.delete(id);
    this.#search?.replan(this.#plan());
    this.#membership?.suspect(id);
  }

  /** Asks everyone who can be reached within that time. */
  fetchPeers(timeoutInMs: number, custom: string | undefined): Promise<FoundPeer[]> {
    return this.#inquiries.begin(timeoutInMs, (nonce, to) => {
      const addressed = to === undefined ? { from: this.member } : { from: this.member, to };
      this.#send({ type: 'peer-request', ...addressed, nonce, custom });
    });
  }

  /** Takes up what an earlier run left, or else what it was given to begin with. To be called before `begin`. */
  async restore(): Promise<void> {
    await this.#restoreRun();
    const { base } = this.#options;
    if (!base || this.#restart || this.#held.base) return;
    await this.#held.take(base);
    // A clock that has gone back since must not bring a member of that time to life again.
    const before = membersOf(base.meta.configuration).filter((member) => idOf(member) === idOf(this.member));
    const highest = Math.max(...before.map(incarnationOf));
    if (highest >= incarnationOf(this.member)) this.#identity.renew(highest);
  }

  async #restoreRun(): Promise<void> {
    const remains = await this.#storage?.open(this.#options.id, (member, lastRun) =>
      this.#identity.resume(member, lastRun),
    );
    if (!remains) return;
    if (!('lost' in remains)) {
      this.#restart = remains;
      return;
    }
    this.#identity.renew(incarnationOf(remains.lost));
    if (remains.base) this.#held.takeLog(remains.base);
  }

  /** Goes on in the grid of the earlier run, or looks for one. */
  begin(): void {
    if (this.#restart) {
      const { binding, inherited } = this.#restart;
      this.#restart = undefined;
      return this.#enter(binding, inherited);
    }
    const { timing, random, clock } = this.#options;
    this.#search = new GridSearch({
      self: this.member,
      plan: this.#plan(),
      action: this.#options.learner ? 'learn' : 'join',
      intervalInMs: timing.heartbeatInMs,
      random,
      newGridId: () => this.#identity.newGridId(),
      base: this.#held.base,
      now: clock.now(),
    });
    this.#hurry();
  }

  /** Forgets who it was, as a member that left. To be called after `end`. */
  async forget(): Promise<void> {
    await this.#next(async () => this.#storage?.clear());
  }

  /** Resolves when the machine and the storage are left alone. */
  async close(): Promise<void> {
    await this.#settled;
    await this.#storage?.close();
  }

  /** Takes no part any more. What it holds stays. */
  fail(failure: RaftError): void {
    this.#quieten();
    this.#membership?.replica.stop('the member failed', failure);
  }

  #quieten(): void {
    this.#ended = true;
    this.#cancelRound?.();
    this.#search = undefined;
    this.#inquiries.end();
    this.#pace.end();
  }

  end(reason: string): void {
    this.#quieten();
    const replica = this.#retire(reason);
    // A snapshot may still be on its way into the machine.
    void this.#next(async () => {
      this.#stood = replica?.snapshots.standing;
    });
  }

  /** Ends what this member did in a grid, or to find one. */
  #retire(reason: string): Replica | undefined {
    const replica = this.#membership?.replica;
    this.#membership = undefined;
    this.#search = undefined;
    if (!replica) return undefined;
    replica.stop(reason);
    this.#observer.stateChanged();
    void this.#next(() => replica.snapshots.ended());
    return replica;
  }

  #next<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#settled.then(step);
    this.#settled = done.catch(() => undefined);
    return done;
  }

  /** Asks the grid to remove this member, again and again, until `onAnswer` is taken away. */
  leave(onAnswer: ((outcome: string) => void) | undefined): void {
    this.#membership?.leave(onAnswer);
    if (onAnswer) this.#hurry();
  }

  /**
   * Makes this member's state and log the base of a new grid, with itself as the only member (rule 8).
   * @throws {UnavailableError} while a snapshot is being installed
   */
  recover(): void {
    if (!this.#membership) return;
    const { replica } = this.#membership;
    if (replica.core.isInstalling) throw new UnavailableError('a snapshot is being installed');
    const inherited = inheritanceOf(replica);
    this.#retire('recovering');
    const members = [this.member];
    const configuration = { voters: members, learners: [] };
    this.#bind({ gridId: this.#identity.newGridId(), members, joining: false }, { ...inherited, configuration });
  }

  /** A frame came from someone. What is not for this member is dropped. */
  receive(frame: HamokMessage): void {
    const { destinationId, gridName, sourceId } = frame;
    const { id } = this.#options;
    if (this.#ended || (destinationId !== undefined && destinationId !== id)) return;
    if (sourceId === id) return this.#hearOwnId(frame.sourceIncarnation);
    if (gridName === undefined) return this.#membership?.receiveFrame(frame);
    if (gridName !== this.#options.gridName) return;
    const message = decodeGridMessage(frame);
    if (!message) return;
    if (message.type === 'peer-response') return this.#inquiries.answered(message);
    if (message.type === 'peer-request') {
      return this.#send(answerInquiry(message, this.member, this.#membership, this.#events));
    }
    if (message.type === 'membership-response' && message.asker !== this.member) return;
    if (message.type === 'hello') this.#events.emit('hello-notification', idOf(message.from));
    if (this.#membership) this.#membership.receive(message);
    else this.#searchWith(message);
  }

  /** Someone can be reached from now on. */
  greet(peerId: string): void {
    this.#inquiries.reached(peerId);
    if (this.#search) this.#hurry();
    else this.#membership?.sayHello();
  }

  /** The next round is due now: a connection came up, or something was asked for. */
  #hurry(): void {
    this.#cancelRound?.();
    if (this.#ended) return;
    this.#cancelRound = this.#options.clock.setTimer(() => this.#round(), 0);
  }

  #round(): void {
    this.#cancelRound = undefined;
    if (this.#ended) return;
    if (this.#search) {
      this.#search.tick(this.#options.clock.now());
      this.#flushSearch(this.#search);
    }
    this.#membership?.round();
    const { clock, timing } = this.#options;
    this.#cancelRound ??= clock.setTimer(() => this.#round(), timing.heartbeatInMs);
  }

  #searchWith(message: GridMessage): void {
    const search = this.#search;
    if (!search) return;
    if (message.type === 'membership-response') this.#onRefusal(message);
    if (search !== this.#search) return;
    search.step(message, this.#options.clock.now());
    this.#flushSearch(search);
  }

  #flushSearch(search: GridSearch): void {
    if (search.conflict.length > 0) this.#conflicts.ofGrids(search.conflict);
    for (const message of search.takeMessages()) this.#send(message);
    if (search.binding) this.#bind(search.binding);
  }

  /** With stable storage, nothing is said in the grid before it is durable that this member belongs to it. */
  #bind(binding: Binding, inherited?: Inheritance): void {
    this.#search = undefined;
    const member = this.member;
    if (!this.#storage && !binding.base) return this.#enter(binding, inherited);
    this.#next(() => this.#prepare(binding, inherited))
      .then((recorded) => {
        if (!this.#ended && this.member === member) this.#enter(binding, recorded);
      })
      .catch((error: unknown) => {
        // What a stop gave up is no failure.
        if (!this.#ended || !(error instanceof ClosedError)) this.#observer.failed(error);
      });
  }

  async #prepare(binding: Binding, given: Inheritance | undefined): Promise<Inheritance | undefined> {
    const member = this.member;
    const inherited = given ?? (await this.#held.begin(binding));
    return this.#storage ? await this.#storage.bind(member, this.#identity.resumedRun, binding, inherited) : inherited;
  }

  #onJoined(): void {
    this.#held.drop();
    this.#events.emit('joined');
  }

  #enter(binding: Binding, inherited?: Inheritance): void {
    const membership = new Membership(
      this.member,
      binding,
      this.#options,
      this.#observer,
      { grid: (message) => this.#send(message), frame: (frame, to) => this.transmit(frame, to) },
      { ...inherited, run: this.#identity.resumedRun },
    );
    this.#membership = membership;
    this.#options.logger.info(`${this.member} is bound to the grid ${binding.gridId} of ${binding.members.join(', ')}`);
    const foreign = this.#held.foreignTo(binding);
    if (foreign !== undefined) this.#conflicts.ofGrids([foreign, binding.gridId]);
    membership.start();
    this.#observer.stateChanged();
    this.#hurry();
  }

  /** What was learned as the old incarnation is discarded: the new one inherits no vote, no match and no session. */
  #returnAsNew(highestSeen: number): void {
    const { stateMachine, logger } = this.#options;
    logger.warn(`${this.member} is not in its grid any more and returns as a new incarnation`);
    this.#retire('removed');
    try {
      this.#identity.renew(highestSeen);
    } catch (error) {
      return this.#observer.failed(error);
    }
    this.#events.emit('rejoining');
    const reset = async (): Promise<void> => {
      await stateMachine.restore?.({ index: -1, time: 0, members: [] }, nothing());
      await this.#storage?.clear();
    };
    this.#next(reset)
      .then(() => {
        if (!this.#ended) this.begin();
      })
      .catch(this.#observer.failed);
  }

  /** A frame with one's own id: another process runs under it. */
  #hearOwnId(incarnation: number | undefined): void {
    if (incarnation !== undefined && incarnation !== incarnationOf(this.member)) this.#conflicts.ofIds();
  }

  /** A dead one with a higher incarnation (the clock went back since) is outbid (rule 1). */
  #onRefusal({ outcome, present }: MembershipResponse): void {
    if (outcome === 'superseded' && present !== undefined && idOf(present) === this.#options.id) {
      return this.#returnAsNew(incarnationOf(present));
    }
    this.#conflicts.answered(outcome);
  }

  #send(message: GridMessage): void {
    this.transmit(encodeGridMessage(message, this.#options.gridName), message.to);
  }

  /** A transport of the user's own may throw. */
  transmit(frame: Uint8Array, to: string | undefined): boolean {
    try {
      return this.#options.transport.send(frame, to);
    } catch (error) {
      this.#events.emit('error', error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  /** The plan of the options, with the ids that the application named before the start as its list. */
  #plan(): BootstrapPlan {
    const { plan, id } = this.#options;
    if (plan.type === 'list') return { type: 'list', ids: [...plan.ids, ...this.#seeds] };
    if (plan.type === 'found' && this.#seeds.size > 0) return { type: 'list', ids: [id, ...this.#seeds] };
    return plan;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

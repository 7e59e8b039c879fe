import type { HamokMessage } from '@hamok/messages';
import type { EventEmitter } from 'eventemitter3';
import type { Base } from '../bootstrap/base.js';
import type { GridMessage, MembershipResponse } from '../bootstrap/messages.js';
import { obstacleOf } from '../bootstrap/obstacle.js';
import type { BootstrapPlan } from '../bootstrap/plan.js';
import { type Binding, GridSearch } from '../bootstrap/search.js';
import { membersOf } from '../core/configuration.js';
import { ClosedError, DuplicateMemberError, GridConflictError, UnavailableError } from '../errors.js';
import { newIncarnation } from '../identity/incarnation.js';
import { idOf, incarnationOf, type MemberId, memberId } from '../identity/member-id.js';
import type { SnapshotMeta, StoredSnapshot } from '../ports/snapshot-store.js';
import { Pace } from '../snapshots/pace.js';
import { baseOf, restoreFrom } from '../snapshots/transcribe.js';
import { decodeGridMessage, encodeGridMessage } from '../wire/grid-frames.js';
import type { RaftNodeEvents } from './events.js';
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
  #member: MemberId;
  #search: GridSearch | undefined;
  #membership: Membership | undefined;
  #ended = false;
  #cancelRound: (() => void) | undefined;
  #reported = '';
  /** Since when the grid takes this member for another process. */
  #refusedSince: number | undefined;
  /** Ids to begin with, besides those of the plan. */
  readonly #seeds = new Set<string>();
  readonly #inquiries: PeerInquiries;
  readonly #storage: StableStorage | undefined;
  #restart: Restart | undefined;
  #run: { readonly member: MemberId; readonly name: MemberId } | undefined;
  /** The state that it can begin with, until it is in a grid: a snapshot that it was given, or what its storage makes of a log. */
  #held: { readonly snapshot: StoredSnapshot | undefined; readonly base: Base } | undefined;
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
      lost: () => this.#returnAsNew(-1),
      refused: (response) => this.#onRefusal(response),
      metOtherGrids: (gridIds) => this.#reportConflict(gridIds),
    };
    this.#member = this.#newMember(-1);
    this.#inquiries = new PeerInquiries(options.clock, options.random);
    const { logStore, snapshotStore, stateMachine, clock } = options;
    this.#pace = new Pace(clock);
    const failed = (error: Error): void => this.#storageFailed(error);
    if (logStore)
      this.#storage = new StableStorage({ logStore, snapshotStore, stateMachine, pace: this.#pace, failed });
  }

  get member(): MemberId {
    return this.#member;
  }

  /** This process of the member. */
  get run(): MemberId {
    return this.#run?.member === this.#member ? this.#run.name : this.#member;
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
      const addressed = to === undefined ? { from: this.#member } : { from: this.#member, to };
      this.#send({ type: 'peer-request', ...addressed, nonce, custom });
    });
  }

  /** Takes up what an earlier run left, or else what it was given to begin with. To be called before `begin`. */
  async restore(): Promise<void> {
    await this.#restoreRun();
    const { base } = this.#options;
    if (!base || this.#restart || this.#held) return;
    this.#held = { snapshot: base, base: await baseOf(base, this.#pace) };
    // A clock that has gone back since must not bring a member of that time to life again.
    const before = membersOf(base.meta.configuration).filter((member) => idOf(member) === idOf(this.#member));
    const highest = Math.max(...before.map(incarnationOf));
    if (highest >= incarnationOf(this.#member)) this.#member = this.#newMember(highest);
  }

  async #restoreRun(): Promise<void> {
    const remains = await this.#storage?.open(this.#options.id, (member) => this.#resume(member));
    if (!remains) return;
    if (!('lost' in remains)) {
      this.#restart = remains;
      return;
    }
    this.#member = this.#newMember(incarnationOf(remains.lost));
    if (remains.base) this.#held = { snapshot: undefined, base: remains.base };
  }

  #resume(member: MemberId): void {
    this.#member = member;
    this.#run = { member, name: this.#newMember(incarnationOf(member)) };
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
      self: this.#member,
      plan: this.#plan(),
      action: this.#options.learner ? 'learn' : 'join',
      intervalInMs: timing.heartbeatInMs,
      random,
      newGridId: () => this.#newGridId(),
      base: this.#held?.base,
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

  end(reason: string): void {
    this.#ended = true;
    this.#cancelRound?.();
    this.#inquiries.end();
    this.#pace.end();
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
    void this.#next(() => replica.snapshots.ended());
    return replica;
  }

  #next<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#settled.then(step);
    this.#settled = done.catch(() => undefined);
    return done;
  }

  #storageFailed(error: Error): void {
    if (this.#membership) this.#membership.replica.fail(error);
    else this.#observer.failed(error);
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
    const members = [this.#member];
    const configuration = { voters: members, learners: [] };
    this.#bind({ gridId: this.#newGridId(), members, joining: false }, { ...inherited, configuration });
  }

  /** A frame came from someone. What is not for this member is dropped. */
  receive(frame: HamokMessage): void {
    const { destinationId, gridName, sourceId } = frame;
    const { id } = this.#options;
    if (this.#ended || (destinationId !== undefined && destinationId !== id)) return;
    if (sourceId === id) return this.#hearOwnId(frame);
    if (gridName === undefined) return this.#membership?.receiveFrame(frame);
    if (gridName !== this.#options.gridName) return;
    const message = decodeGridMessage(frame);
    if (!message) return;
    if (message.type === 'peer-response') return this.#inquiries.answered(message);
    if (message.type === 'peer-request') {
      return this.#send(answerInquiry(message, this.#member, this.#membership, this.#events));
    }
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
    if (search.conflict.length > 0) this.#reportConflict(search.conflict);
    for (const message of search.takeMessages()) this.#send(message);
    if (search.binding) this.#bind(search.binding);
  }

  /** With stable storage, nothing is said in the grid before it is durable that this member belongs to it. */
  #bind(binding: Binding, inherited?: Inheritance): void {
    this.#search = undefined;
    const member = this.#member;
    if (!this.#storage && !binding.base) return this.#enter(binding, inherited);
    this.#next(() => this.#prepare(binding, inherited)).then(
      (recorded) => {
        if (!this.#ended && this.#member === member) this.#enter(binding, recorded);
      },
      (error: unknown) => {
        // What a stop gave up is no failure.
        if (!this.#ended || !(error instanceof ClosedError)) this.#observer.failed(error);
      },
    );
  }

  async #prepare(binding: Binding, given: Inheritance | undefined): Promise<Inheritance | undefined> {
    const member = this.#member;
    const inherited = given ?? (await this.#beginWith(binding));
    return this.#storage ? await this.#storage.bind(member, binding, inherited) : inherited;
  }

  /** Puts the machine in the state that this member holds, if its grid goes on from there. */
  async #beginWith({ base, joining, members }: Binding): Promise<Inheritance | undefined> {
    if (!base || !this.#held) return undefined;
    const { snapshot } = this.#held;
    if (!snapshot) return joining ? undefined : await this.#storage?.beginWithHeadStart(members);
    const { stateMachine } = this.#options;
    // A new grid has members of its own; in the one that the state is of, those of that time were its members.
    const configuration = joining ? snapshot.meta.configuration : { voters: members, learners: [] };
    const read = (offset: number, length: number): Promise<Uint8Array> => snapshot.read(offset, length);
    await restoreFrom(
      { meta: { ...snapshot.meta, configuration }, size: snapshot.size, read },
      stateMachine,
      this.#pace,
    );
    const { position } = base;
    const hardState = { term: position.term, vote: undefined };
    return { base: position, configuration, known: configuration, hardState, entries: [] };
  }

  /** What it held is of no use where it is of another grid, and not of the one whose state this began with. */
  #compareWithHeld({ gridId, parentGridId, base }: Binding): void {
    const held = this.#held?.base.gridId;
    if (base === undefined && held !== undefined && held !== gridId && held !== parentGridId)
      this.#reportConflict([held, gridId]);
  }

  #onJoined(): void {
    this.#held = undefined;
    this.#events.emit('joined');
  }

  #enter(binding: Binding, inherited?: Inheritance): void {
    const membership = new Membership(
      this.#member,
      binding,
      this.#options,
      this.#observer,
      { grid: (message) => this.#send(message), frame: (frame, to) => this.#transmit(frame, to) },
      this.run === this.#member ? inherited : { ...inherited, numbersFrom: incarnationOf(this.run) },
    );
    this.#membership = membership;
    this.#options.logger.info(
      `${this.#member} is bound to the grid ${binding.gridId} of ${binding.members.join(', ')}`,
    );
    this.#compareWithHeld(binding);
    membership.start();
    this.#hurry();
  }

  /** What was learned as the old incarnation is discarded: the new one inherits no vote, no match and no session. */
  #returnAsNew(highestSeen: number): void {
    const { stateMachine, logger } = this.#options;
    logger.warn(`${this.#member} is not in its grid any more and returns as a new incarnation`);
    this.#retire('removed');
    this.#member = this.#newMember(Math.max(incarnationOf(this.#member), highestSeen));
    this.#events.emit('rejoining');
    const reset = async (): Promise<void> => {
      await stateMachine.restore?.({ index: -1, time: 0, members: [] }, nothing());
      await this.#storage?.clear();
    };
    this.#next(reset).then(
      () => {
        if (!this.#ended) this.begin();
      },
      (error: unknown) => this.#observer.failed(error),
    );
  }

  /** A frame with one's own id: another process runs under it. */
  #hearOwnId(frame: HamokMessage): void {
    const { sourceIncarnation } = frame;
    if (sourceIncarnation === undefined || sourceIncarnation === incarnationOf(this.#member)) return;
    this.#reportOnce('duplicate', () => new DuplicateMemberError(this.#options.id));
  }

  /**
   * Who died a moment ago counts as alive for an idle time yet: only a refusal that lasts longer tells of another process. A dead
   * one with a higher incarnation (the clock went back since) is outbid (rule 1).
   */
  #onRefusal({ outcome, present }: MembershipResponse): void {
    const { timing, clock, id } = this.#options;
    if (outcome === 'superseded' && present !== undefined && idOf(present) === id) {
      return this.#returnAsNew(incarnationOf(present));
    }
    if (outcome !== 'duplicate-member') {
      this.#refusedSince = undefined;
      return;
    }
    this.#refusedSince ??= clock.now();
    if (clock.now() - this.#refusedSince <= 2 * timing.followerMaxIdleInMs) return;
    this.#reportOnce('duplicate', () => new DuplicateMemberError(id));
  }

  #reportConflict(gridIds: readonly string[]): void {
    this.#reportOnce(gridIds.join(), () => {
      this.#events.emit('grid-conflict', gridIds);
      return new GridConflictError(gridIds);
    });
  }

  #reportOnce(what: string, error: () => Error): void {
    if (this.#reported === what) return;
    this.#reported = what;
    this.#events.emit('error', error());
  }

  #send(message: GridMessage): void {
    this.#transmit(encodeGridMessage(message, this.#options.gridName), message.to);
  }

  /** A transport of the user's own may throw. */
  #transmit(frame: Uint8Array, to: string | undefined): boolean {
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

  #newGridId(): string {
    return `${incarnationOf(this.#member).toString(36)}.${Math.floor(this.#options.random() * 2 ** 48).toString(36)}`;
  }

  #newMember(highestSeen: number): MemberId {
    const { id, clock, random } = this.#options;
    return memberId(id, newIncarnation(clock.wallTime(), random, highestSeen));
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

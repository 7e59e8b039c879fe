import { type HamokMessage, MessageType } from '@hamok/messages';
import type { Base } from '../bootstrap/base.js';
import type { GridMessage, Hello, MembershipRequest, MembershipResponse } from '../bootstrap/messages.js';
import type { Binding } from '../bootstrap/search.js';
import { type GridView, GridWelcome } from '../bootstrap/welcome.js';
import { isMember, isVoter, membersOf } from '../core/configuration.js';
import type { Entry } from '../core/entry.js';
import { idOf, incarnationOf, type MemberId } from '../identity/member-id.js';
import { entryEncoder } from '../wire/entries.js';
import { sender } from '../wire/grid-frames.js';
import { decodeRaftMessage } from '../wire/raft-frames.js';
import { encodeNotAMember } from '../wire/submit-frames.js';
import { Admission, type AdmissionOutcome } from './admission.js';
import type { ResolvedOptions } from './options.js';
import { Replica, type ReplicaObserver, type ReplicaOptions } from './replica.js';
import type { Inheritance } from './stable-storage.js';

/** What its owner learns from a membership. */
export interface MembershipObserver extends ReplicaObserver {
  joined(): void;
  /** As the leader: nothing was heard from a member for a whole idle time; a member needs a snapshot. Said once each time. */
  silent(member: MemberId): void;
  unsynced(member: MemberId): void;
  /** As the leader: a member does not hold any more what it acknowledged. */
  forgetful(member: MemberId): void;
  /** The grid does not count this incarnation as a member, or can never come to life: whoever it was returns as another. */
  lost(): void;
  refused(response: MembershipResponse): void;
  metOtherGrids(gridIds: readonly string[]): void;
}

/** Ways out: messages about grids, and frames inside of one. */
export interface MembershipSender {
  grid(message: GridMessage): void;
  /** False when it certainly did not leave. */
  frame(frame: Uint8Array, to: string): boolean;
}

/** One incarnation's life in the one grid that it is bound to. */
export class Membership {
  readonly replica: Replica;
  readonly #welcome: GridWelcome;
  readonly #admission: Admission;
  readonly #incarnation: number;
  #joined = false;
  /** It may have been a member, and have spoken as one: it learns of no later `asOf` any more. */
  #wasMember: boolean;
  /** Up to where it was told that the log is committed, before it was a member. */
  #asOf = -1;
  #onLeaveAnswer: ((outcome: string) => void) | undefined;
  #helloAt: number;
  /** Who leads, by the last answer to a request. */
  #namedLeader: MemberId | undefined;
  #troubled = new Set<string>();
  /** Who is about to be told that it is no member. */
  readonly #strangers = new Set<MemberId>();
  /** Who asked to leave, and is about to be told that it has. */
  readonly #leavers = new Set<MemberId>();

  constructor(
    readonly self: MemberId,
    readonly binding: Binding,
    private readonly options: ResolvedOptions,
    private readonly observer: MembershipObserver,
    private readonly send: MembershipSender,
    inherited: Partial<ReplicaOptions> = {},
  ) {
    const { timing, limits, random, clock, stateMachine: machine, onlyFollower } = options;
    const { logStore, snapshotStore, snapshotPolicy, removeDeadAfterInMs } = options;
    this.#incarnation = incarnationOf(self);
    this.#helloAt = clock.now() + timing.followerMaxIdleInMs;
    this.replica = new Replica({
      self,
      gridId: binding.gridId,
      configuration: { voters: binding.members, learners: [] },
      timing,
      limits,
      random,
      clock,
      machine,
      logStore,
      snapshotStore,
      snapshotPolicy,
      onlyFollower,
      send: (to, frame) => send.frame(frame, idOf(to)),
      observer,
      ...inherited,
    });
    // What a process of this member said before is not known here.
    this.#wasMember = inherited.run !== undefined || isMember(this.replica.core.configuration, self);
    this.#welcome = new GridWelcome({ self, binding, intervalInMs: timing.heartbeatInMs, now: clock.now() });
    this.#admission = new Admission({
      core: this.replica.core,
      now: () => clock.now(),
      removeDeadAfterInMs,
      askFollowers: () => this.#askFollowers(),
    });
  }

  /** Begins to take part. Whoever concluded the bootstrap offers the grid to the others and stands at once: nobody leads yet. */
  start(): void {
    this.replica.start();
    const { joining, members } = this.binding;
    if (joining || members[0] !== this.self) return;
    this.round();
    this.replica.core.campaign(this.options.clock.now());
    this.replica.wake();
  }

  /** A voter, by what is committed, that follows, or is, a leader: only now does it count for the safety of the data. */
  get joined(): boolean {
    return this.#joined;
  }

  /** Asks the grid to remove this member, again and again, until `onAnswer` is taken away. */
  leave(onAnswer: ((outcome: string) => void) | undefined): void {
    this.#onLeaveAnswer = onAnswer;
  }

  /** The application saw a peer go. */
  suspect(id: string): void {
    const member = membersOf(this.replica.core.configuration).find((other) => idOf(other) === id);
    if (member !== undefined) this.#admission.suspect(member);
  }

  /** As the leader: removes a member, or makes a learner a voter once it has caught up. */
  remove(member: MemberId): void {
    this.#admission.leave(member);
    this.replica.wake();
  }

  promote(member: MemberId): void {
    this.#admission.join(member, true);
    this.replica.wake();
  }

  /** What is repeated: offers, requests to join or leave, the leader's work on the membership. */
  round(): void {
    const now = this.options.clock.now();
    const { core } = this.replica;
    this.#welcome.tick(now);
    this.#flushWelcome();
    if (core.role === 'leader') {
      this.#admission.proceed();
      this.replica.wake();
      this.#watchFollowers(now);
    }
    const isForlorn = core.leader === undefined && isMember(core.configuration, this.self);
    if (now >= this.#helloAt && (core.role === 'leader' || isForlorn)) this.sayHello();
    if (this.#onLeaveAnswer) this.#ask('leave');
    else if (!isForlorn && this.#isUnsettled()) this.#ask(this.options.learner ? 'learn' : 'join');
    this.stateChanged();
    if (this.#welcome.isHopeless(this.#view())) this.observer.lost();
  }

  /**
   * Leaders do so once in a while, so that grids that meet notice; members without a leader, so that one that does not count them any more
   * tells them. Requests for votes do not bring that about: some members never stand, and those that are asked may all have been replaced.
   */
  sayHello(): void {
    if (!isMember(this.replica.core.configuration, this.self)) return;
    this.#helloAt = this.options.clock.now() + this.options.timing.followerMaxIdleInMs;
    const { gridId } = this.binding;
    this.send.grid({ type: 'hello', from: this.self, expected: [], joinsOnly: false, gridId, base: undefined });
  }

  /** Tells the others of a state of this grid that was handed out, so that whoever leads can confirm it to those who come with it. */
  announce(base: Base): void {
    const { gridId } = base;
    this.send.grid({ type: 'hello', from: this.self, expected: [], joinsOnly: false, gridId, base });
  }

  /** What depends on the state of the replica is looked after at once. */
  stateChanged(): void {
    const { configuration, leader, log } = this.replica.core;
    if (this.#joined || leader === undefined || !isVoter(configuration, this.self)) return;
    // What is not committed may be taken back.
    if (!isVoter(log.configurationAt(log.commitIndex), this.self)) return;
    this.#joined = true;
    this.observer.joined();
  }

  configurationApplied(joined: readonly MemberId[], left: readonly MemberId[]): void {
    if (joined.includes(this.self)) this.#wasMember = true;
    // It was let in again before it heard that it was removed: nothing of the time before may count in the time after (rule 5).
    if (left.includes(this.self) && isMember(this.replica.core.configuration, this.self)) return this.observer.lost();
    this.#admission.proceed();
    this.replica.wake();
    if (this.replica.core.role === 'leader') for (const member of left) this.#tellRemoved(member);
    this.stateChanged();
  }

  /** A message about grids. */
  receive(message: GridMessage): void {
    this.#welcome.step(message, this.#view(), this.options.clock.now());
    this.#flushWelcome();
    if (message.type === 'hello' && message.gridId === this.binding.gridId) this.#onHello(message);
    if (message.type === 'membership-request') this.#onRequest(message);
    else if (message.type === 'membership-response') this.#onResponse(message);
    const { otherGrids } = this.#welcome;
    if (otherGrids.size > 0) this.observer.metOtherGrids([this.binding.gridId, ...otherGrids]);
  }

  /** A frame inside of a grid: it names the grid, and both incarnations, or it is dropped. */
  receiveFrame(frame: HamokMessage): void {
    if (frame.gridId !== this.binding.gridId || frame.destinationIncarnation !== this.#incarnation) return;
    const from = sender(frame);
    this.#welcome.seen(from);
    switch (frame.type) {
      case MessageType.SUBMIT_MESSAGE_REQUEST:
        return this.replica.receiveSubmit(frame, from);
      case MessageType.SUBMIT_MESSAGE_RESPONSE:
        return this.replica.receiveSubmitAnswer(frame);
      case MessageType.DIRECT_NOTIFICATION: {
        const payload = frame.values[0];
        if (payload) this.options.stateMachine.receive?.(from, payload);
        return;
      }
      case MessageType.NOT_A_MEMBER_NOTIFICATION:
        return this.#onNotAMember(from, frame.raftTerm);
      default: {
        this.#tellStranger(from);
        const message = decodeRaftMessage(frame, this.self);
        if (message) this.replica.receive(message);
      }
    }
  }

  /** Whether it is not yet what it wants to be in its grid. */
  #isUnsettled(): boolean {
    const { configuration } = this.replica.core;
    return this.options.learner ? !isMember(configuration, this.self) : !isVoter(configuration, this.self);
  }

  #watchFollowers(now: number): void {
    const { progress, timing } = this.replica.core;
    const troubled = new Set<string>();
    for (const { member, lastHeardAt, state } of progress.values()) {
      if (now - lastHeardAt > timing.followerMaxIdleInMs) {
        troubled.add(`${member} silent`);
        if (!this.#troubled.has(`${member} silent`)) this.observer.silent(member);
      }
      if (state === 'snapshot') {
        troubled.add(`${member} unsynced`);
        if (!this.#troubled.has(`${member} unsynced`)) this.observer.unsynced(member);
      }
      if (state === 'forgetful') {
        troubled.add(`${member} forgetful`);
        if (!this.#troubled.has(`${member} forgetful`)) this.observer.forgetful(member);
      }
    }
    this.#troubled = troubled;
  }

  #flushWelcome(): void {
    for (const message of this.#welcome.takeMessages()) this.send.grid(message);
  }

  #view(): GridView {
    const { log, configuration, leader } = this.replica.core;
    const { joining, base } = this.binding;
    const first = joining || base === undefined ? 0 : base.position.index + 1;
    let isUnused = log.firstIndex === first;
    for (let i = first; isUnused && i <= log.lastIndex; i++) isUnused = log.get(i)?.kind === 'no-op';
    return { configuration, leader, isUnused };
  }

  /**
   * Requests go to the leader: the one followed here, or the one that was named last. While none is known, to everyone: the members
   * that this one knows of may all have been replaced.
   */
  #ask(action: MembershipRequest['action']): void {
    const { gridId } = this.binding;
    const to = this.replica.core.leader ?? this.#namedLeader;
    this.#namedLeader = undefined;
    const request: MembershipRequest = {
      type: 'membership-request',
      from: this.self,
      gridId,
      action,
      asOf: this.#asOf,
      base: undefined,
    };
    if (to === this.self) this.#onRequest(request);
    else this.send.grid(to === undefined ? request : { ...request, to: idOf(to) });
  }

  #onHello({ from, base }: Hello): void {
    if (base === undefined) this.#tellStranger(from);
    else if (isMember(this.replica.core.configuration, from)) this.replica.snapshots.handedOut(base);
  }

  #onRequest(request: MembershipRequest): void {
    const { from, gridId, action, asOf } = request;
    if (gridId !== this.binding.gridId) return;
    const outcome =
      action === 'leave' ? this.#admission.leave(from) : this.#admission.join(from, action === 'join', asOf);
    this.replica.wake();
    if (from === this.self) this.#onLeaveAnswer?.(outcome);
    else if (action === 'leave' && outcome === 'accepted')
      this.#confirmStranger(from, this.#leavers, () => this.#tellItLeft(from));
    else this.#answer(request, outcome);
  }

  #answer(
    { from: asker, action, base: held }: Pick<MembershipRequest, 'from' | 'action' | 'base'>,
    outcome: AdmissionOutcome,
  ): void {
    const { leader, log } = this.replica.core;
    const { gridId, members, parentGridId } = this.binding;
    this.send.grid({
      type: 'membership-response',
      from: this.self,
      to: idOf(asker),
      gridId,
      asker,
      action,
      outcome,
      members,
      leader,
      asOf: log.commitIndex,
      present: this.#admission.otherIncarnationOf(asker),
      parentGridId,
      base: held && this.replica.snapshots.isOfThisGrid(held) ? held : undefined,
    });
  }

  #onResponse(response: MembershipResponse): void {
    if (response.gridId !== this.binding.gridId) return;
    if (response.leader !== this.self) this.#namedLeader = response.leader;
    this.observer.refused(response);
    if (response.action === 'leave') this.#onLeaveAnswer?.(response.outcome);
    else if (this.#onLeaveAnswer) return;
    else if (response.outcome === 'superseded' || this.#tellsOfRemoval(response)) this.observer.lost();
    else if (!this.#wasMember) this.#asOf = Math.max(this.#asOf, response.asOf);
  }

  /** It does not count this member as of an entry where this one may count itself. */
  #tellsOfRemoval({ outcome, asOf }: MembershipResponse): boolean {
    return outcome === 'stale' && this.#wasMember && asOf >= this.replica.core.log.configurationIndex;
  }

  /**
   * A leader tells those it does not count as members, so that they stop disturbing: once a majority confirmed that it still leads, for
   * one that stood still, or was cut off, does not know of who came in since. Who has forgotten what it promised this leader must not be
   * the member that it was, either.
   */
  #tellStranger(from: MemberId): void {
    if (this.replica.core.progress.get(from)?.state === 'forgetful') return this.#tellNotAMember(from);
    // Whoever is not told now comes again.
    if (this.#strangers.size === 0) this.#confirmStranger(from, this.#strangers, () => this.#tellNotAMember(from));
  }

  /** Tells once a majority has confirmed that this member still leads, where it does not count that one then either. */
  #confirmStranger(from: MemberId, asked: Set<MemberId>, tell: () => void): void {
    if (asked.has(from) || !this.#isStranger(from)) return;
    asked.add(from);
    const resolve = (): void => {
      asked.delete(from);
      if (this.#isStranger(from)) tell();
    };
    const reject = (): void => {
      asked.delete(from);
    };
    this.replica.barriers.add({ resolve, reject });
    this.replica.wake();
  }

  #askFollowers(): void {
    const resolve = (): void => {
      this.#admission.proceed();
      this.replica.wake();
    };
    this.replica.barriers.add({ resolve, reject: () => undefined });
    this.replica.wake();
  }

  #isStranger(from: MemberId): boolean {
    const { role, log, configuration } = this.replica.core;
    return role === 'leader' && !isMember(configuration, from) && log.configurationIndex <= log.commitIndex;
  }

  #tellNotAMember(to: MemberId): void {
    const frame = encodeNotAMember(this.self, to, this.binding.gridId, this.replica.core.term);
    this.send.frame(frame, idOf(to));
  }

  /** What a request to leave comes to at last, whether it is heard again or not. */
  #tellItLeft(member: MemberId): void {
    this.#answer({ from: member, action: 'leave', base: undefined }, 'accepted');
  }

  #tellRemoved(member: MemberId): void {
    this.#tellItLeft(member);
    this.#tellNotAMember(member);
  }

  #onNotAMember(from: MemberId, ofTerm = -1): void {
    // Whoever leaves waits for the answer to that.
    if (this.#onLeaveAnswer) return;
    const { configuration, leader, term } = this.replica.core;
    // A log that is old does not know of all who may lead.
    if (from === leader || isMember(configuration, from) || ofTerm >= term) this.observer.lost();
  }
}

/**
 * What a survivor of a lost grid begins another with (rule 8): its state, and its whole log, for what is in there may have been
 * committed. The members that the lost grid was about to have are of no concern to the new one.
 */
export function inheritanceOf({ core }: Replica): Omit<Inheritance, 'configuration'> {
  const { appliedIndex, base: compacted } = core.log;
  const applied = core.log.get(appliedIndex);
  const entries = core.log.slice(appliedIndex + 1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  return {
    base: applied ? { index: applied.index, term: applied.term, time: applied.time } : compacted,
    known: core.log.configurationAt(appliedIndex),
    hardState: { term: core.term, vote: core.vote },
    entries: entries.map(withoutConfiguration),
  };
}

function withoutConfiguration({ index, term, time, kind, data }: Entry): Entry {
  if (kind !== 'configuration') return { index, term, time, kind, data };
  return { index, term, time, kind: 'no-op', data: entryEncoder.noOp };
}

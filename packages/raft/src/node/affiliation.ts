import { type HamokMessage, MessageType } from '@hamok/messages';
import type { EventEmitter } from 'eventemitter3';
import type { GridMessage, MembershipRequest, MembershipResponse } from '../bootstrap/messages.js';
import type { BootstrapPlan } from '../bootstrap/plan.js';
import { type Binding, GridSearch } from '../bootstrap/search.js';
import { type GridView, GridWelcome } from '../bootstrap/welcome.js';
import { isVoter, membersOf } from '../core/configuration.js';
import type { Entry } from '../core/entry.js';
import { DuplicateMemberError, GridConflictError } from '../errors.js';
import { newIncarnation } from '../identity/incarnation.js';
import { idOf, incarnationOf, type MemberId, memberId } from '../identity/member-id.js';
import { entryEncoder } from '../wire/entries.js';
import { decodeGridMessage, encodeGridMessage, sender } from '../wire/grid-frames.js';
import { decodeRaftMessage } from '../wire/raft-frames.js';
import { encodeNotAMember } from '../wire/submit-frames.js';
import { Admission } from './admission.js';
import type { RaftNodeEvents } from './events.js';
import type { ResolvedOptions } from './options.js';
import { Replica, type ReplicaObserver, type ReplicaOptions } from './replica.js';

/** What belongs to the grid that this incarnation is bound to. */
export interface Bound {
  readonly binding: Binding;
  readonly replica: Replica;
  readonly welcome: GridWelcome;
  readonly admission: Admission;
}

/**
 * Which grid this process belongs to, and as whom: it looks for one, is bound to one once per incarnation, and comes back as a
 * new incarnation when the grid removed it (rules 1 to 5 of the architecture).
 */
export class Affiliation {
  #member: MemberId;
  #search: GridSearch | undefined;
  #bound: Bound | undefined;
  #joined = false;
  #ended = false;
  #cancelRound: (() => void) | undefined;
  #onLeaveAnswer: ((outcome: string) => void) | undefined;
  #reported = '';
  /** Since when the grid takes this member for another process. */
  #refusedSince: number | undefined;
  #helloAt = 0;
  /** Ids to begin with, besides those of the plan; on a bound member, ids that the application saw go. */
  readonly #seeds = new Set<string>();

  constructor(
    private readonly options: ResolvedOptions,
    private readonly events: EventEmitter<RaftNodeEvents>,
    private readonly observer: ReplicaObserver,
  ) {
    this.#member = this.#newMember(-1);
  }

  get member(): MemberId {
    return this.#member;
  }

  get bound(): Bound | undefined {
    return this.#bound;
  }

  /** A voter that follows, or is, a leader: only now does it count for the safety of the data. */
  get joined(): boolean {
    return this.#joined;
  }

  /** Ids heard of while looking for a grid. */
  get found(): readonly string[] {
    return this.#search?.found ?? [];
  }

  get #now(): number {
    return this.options.clock.now();
  }

  addPeer(id: string): void {
    this.#seeds.add(id);
    this.#search?.replan(this.#plan());
    if (this.#search || this.#bound) this.#hurry();
  }

  removePeer(id: string): void {
    this.#seeds.delete(id);
    this.#search?.replan(this.#plan());
    const { core } = this.#bound?.replica ?? {};
    const member = core && membersOf(core.configuration).find((other) => idOf(other) === id);
    if (member !== undefined) this.#bound?.admission.suspect(member);
  }

  begin(): void {
    this.#search = new GridSearch({
      self: this.#member,
      plan: this.#plan(),
      intervalInMs: this.options.timing.heartbeatInMs,
      random: this.options.random,
      newGridId: () => this.#newGridId(),
      now: this.#now,
    });
    this.#hurry();
  }

  end(reason: string): void {
    this.#ended = true;
    this.#cancelRound?.();
    this.#bound?.replica.stop(reason);
    this.#bound = undefined;
    this.#search = undefined;
    this.#joined = false;
  }

  /** Asks the grid to remove this member, again and again, until `onAnswer` is replaced. */
  leave(onAnswer: ((outcome: string) => void) | undefined): void {
    this.#onLeaveAnswer = onAnswer;
    if (onAnswer) this.#hurry();
  }

  /** A frame came from someone. What is not for this member's grid and incarnation is dropped. */
  receive(frame: HamokMessage): void {
    const { destinationId, gridName } = frame;
    if (this.#ended || (destinationId !== undefined && destinationId !== this.options.id)) return;
    if (frame.sourceId === this.options.id) return this.#hearOwnId(frame);
    if (gridName === undefined) return this.#receiveInGrid(frame);
    if (gridName !== this.options.gridName) return;
    const message = decodeGridMessage(frame);
    if (!message) return;
    if (message.type === 'hello') this.events.emit('hello-notification', idOf(message.from));
    if (this.#bound) this.#welcome(this.#bound, message);
    else this.#searchWith(message);
  }

  /** The next round is due now: a connection came up, or something was asked for. */
  #hurry(): void {
    this.#cancelRound?.();
    if (this.#ended) return;
    this.#cancelRound = this.options.clock.setTimer(() => this.#round(), 0);
  }

  greet(): void {
    if (this.#search) this.#hurry();
    else if (this.#bound) this.#sayHello(this.#bound);
  }

  /** Leaders say hello once in a while, so that grids that meet notice. */
  #sayHello({ binding: { gridId } }: Bound): void {
    this.#helloAt = this.#now + this.options.timing.followerMaxIdleInMs;
    this.#sendGrid({ type: 'hello', from: this.#member, expected: [], gridId });
  }

  #round(): void {
    this.#cancelRound = undefined;
    if (this.#ended) return;
    if (this.#search) {
      this.#search.tick(this.#now);
      this.#flushSearch(this.#search);
    }
    const bound = this.#bound;
    if (bound) this.#boundRound(bound);
    const interval = this.options.timing.heartbeatInMs;
    this.#cancelRound ??= this.options.clock.setTimer(() => this.#round(), interval);
  }

  #boundRound(bound: Bound): void {
    const { replica, welcome, admission, binding } = bound;
    const { core } = replica;
    welcome.tick(this.#now);
    this.#flushWelcome(welcome);
    if (core.role === 'leader') {
      admission.proceed();
      replica.wake();
      if (this.#now >= this.#helloAt) this.#sayHello(bound);
    }
    const { gridId } = binding;
    if (this.#onLeaveAnswer)
      this.#request(bound, { type: 'membership-request', from: this.#member, gridId, action: 'leave' });
    else if (!isVoter(core.configuration, this.#member))
      this.#request(bound, { type: 'membership-request', from: this.#member, gridId, action: 'join' });
    this.#noticeJoined(core);
    if (welcome.isHopeless(this.#view(bound))) this.#returnAsNew();
  }

  #noticeJoined({ configuration, leader }: Bound['replica']['core']): void {
    const joined = leader !== undefined && isVoter(configuration, this.#member);
    if (joined && !this.#joined) {
      this.#joined = true;
      this.events.emit('joined');
    }
  }

  /** The state of the replica changed: what depends on it is looked after at once. */
  stateChanged(): void {
    if (this.#bound) this.#noticeJoined(this.#bound.replica.core);
  }

  configurationApplied(left: readonly MemberId[]): void {
    const bound = this.#bound;
    if (!bound) return;
    const { admission, replica } = bound;
    admission.configurationApplied();
    admission.proceed();
    replica.wake();
    if (replica.core.role === 'leader') for (const member of left) this.#tellNotAMember(bound, member);
    this.#noticeJoined(replica.core);
  }

  /** Requests go to the leader, or to oneself; while none is known, to any member, who will say. */
  #request(bound: Bound, request: MembershipRequest): void {
    const { core } = bound.replica;
    const to = core.leader ?? membersOf(core.configuration).find((member) => member !== this.#member);
    if (to === this.#member) this.#onMembershipRequest(bound, request);
    else if (to !== undefined) this.#sendGrid({ ...request, to: idOf(to) });
  }

  #searchWith(message: GridMessage): void {
    const search = this.#search;
    if (!search) return;
    if (message.type === 'membership-response') this.#reportRefusal(message);
    search.step(message, this.#now);
    this.#flushSearch(search);
  }

  #flushSearch(search: GridSearch): void {
    for (const message of search.takeMessages()) this.#sendGrid(message);
    if (search.binding) this.#bind(search.binding);
  }

  #bind(binding: Binding, inherited: Partial<ReplicaOptions> = {}): Replica {
    const { timing, limits, random, clock, stateMachine: machine, onlyFollower, transport } = this.options;
    const { logStore, snapshotStore, snapshotPolicy, removeDeadAfterInMs, logger } = this.options;
    this.#search = undefined;
    const replica = new Replica({
      self: this.#member,
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
      send: (to, frame) => transport.send(frame, idOf(to)),
      observer: this.observer,
      ...inherited,
    });
    const welcome = new GridWelcome({
      self: this.#member,
      binding,
      intervalInMs: timing.heartbeatInMs,
      now: this.#now,
    });
    const admission = new Admission({ core: replica.core, now: () => this.#now, removeDeadAfterInMs });
    this.#bound = { binding, replica, welcome, admission };
    logger.info(`${this.#member} is bound to the grid ${binding.gridId} of ${binding.members.join(', ')}`);
    replica.start();
    this.#hurry();
    return replica;
  }

  /**
   * Makes this member's state and log the base of a new grid, with itself as the only member (rule 8). What the lost majority
   * committed without it is lost.
   */
  recover(): void {
    const bound = this.#bound;
    if (!bound) return;
    const { core } = bound.replica;
    const { appliedIndex, base: compacted } = core.log;
    const known = core.log.configurationAt(appliedIndex);
    const applied = core.log.get(appliedIndex);
    const base = applied ? { index: applied.index, term: applied.term, time: applied.time } : compacted;
    const entries = core.log.slice(appliedIndex + 1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    const hardState = { term: core.term, vote: core.vote };
    bound.replica.stop('recovering');
    const binding = { gridId: this.#newGridId(), members: [this.#member], joining: false };
    const replica = this.#bind(binding, { base, known, hardState, entries: entries.map(withoutConfiguration) });
    replica.core.campaign(this.#now);
    replica.wake();
  }

  #welcome(bound: Bound, message: GridMessage): void {
    const { welcome } = bound;
    welcome.step(message, this.#view(bound), this.#now);
    this.#flushWelcome(welcome);
    if (message.type === 'membership-request') this.#onMembershipRequest(bound, message);
    else if (message.type === 'membership-response') this.#onMembershipResponse(bound, message);
    this.#reportConflict(bound);
  }

  #view({ replica: { core } }: Bound): GridView {
    const { log } = core;
    let isUnused = log.firstIndex === 0;
    for (let i = 0; isUnused && i <= log.lastIndex; i++) isUnused = log.get(i)?.kind === 'no-op';
    return { configuration: core.configuration, leader: core.leader, isUnused };
  }

  #flushWelcome(welcome: GridWelcome): void {
    for (const message of welcome.takeMessages()) this.#sendGrid(message);
  }

  #onMembershipRequest(bound: Bound, { from, gridId, action }: MembershipRequest): void {
    const { binding, admission, replica } = bound;
    if (gridId !== binding.gridId) return;
    const outcome = action === 'join' ? admission.join(from) : admission.leave(from);
    replica.wake();
    const { members } = binding;
    const { leader } = replica.core;
    if (from === this.#member) this.#onLeaveAnswer?.(outcome);
    else
      this.#sendGrid({
        type: 'membership-response',
        from: this.#member,
        to: idOf(from),
        gridId,
        outcome,
        members,
        leader,
      });
  }

  #onMembershipResponse({ binding }: Bound, response: MembershipResponse): void {
    if (response.gridId !== binding.gridId) return;
    this.#reportRefusal(response);
    if (this.#onLeaveAnswer) this.#onLeaveAnswer(response.outcome);
    else if (response.outcome === 'superseded') this.#returnAsNew();
  }

  /** Frames inside of a grid name it, and both incarnations. */
  #receiveInGrid(frame: HamokMessage): void {
    const bound = this.#bound;
    if (!bound || frame.gridId !== bound.binding.gridId) return;
    if (frame.destinationIncarnation !== incarnationOf(this.#member)) return;
    const from = sender(frame);
    const { replica, welcome } = bound;
    welcome.seen(from);
    switch (frame.type) {
      case MessageType.SUBMIT_MESSAGE_REQUEST:
        return replica.receiveSubmit(frame, from);
      case MessageType.SUBMIT_MESSAGE_RESPONSE:
        return replica.receiveSubmitAnswer(frame);
      case MessageType.DIRECT_NOTIFICATION: {
        const payload = frame.values[0];
        if (payload) this.options.stateMachine.receive?.(from, payload);
        return;
      }
      case MessageType.NOT_A_MEMBER_NOTIFICATION:
        return this.#onNotAMember(bound, from);
      default: {
        this.#tellStranger(bound, from);
        const message = decodeRaftMessage(frame, this.#member);
        if (message) replica.receive(message);
      }
    }
  }

  /** A leader tells those it does not count as members, so that they stop disturbing. */
  #tellStranger({ replica, binding }: Bound, from: MemberId): void {
    const { core } = replica;
    const settled = core.role === 'leader' && core.log.configurationIndex <= core.log.commitIndex;
    if (!settled || membersOf(core.configuration).includes(from)) return;
    this.#tellNotAMember({ replica, binding }, from);
  }

  #tellNotAMember({ replica, binding }: Pick<Bound, 'replica' | 'binding'>, to: MemberId): void {
    const frame = encodeNotAMember(this.#member, to, binding.gridId, replica.core.term);
    this.options.transport.send(frame, idOf(to));
  }

  #onNotAMember(bound: Bound, from: MemberId): void {
    if (this.#onLeaveAnswer) return this.#onLeaveAnswer('accepted');
    if (membersOf(bound.replica.core.configuration).includes(from)) this.#returnAsNew();
  }

  /** What was learned as the old incarnation is discarded: the new one inherits no vote, no match and no session. */
  #returnAsNew(): void {
    const { stateMachine, logger } = this.options;
    logger.warn(`${this.#member} is not in its grid any more and returns as a new incarnation`);
    this.#bound?.replica.stop('removed');
    this.#bound = undefined;
    this.#joined = false;
    this.#member = this.#newMember(incarnationOf(this.#member));
    this.events.emit('rejoining');
    const reset = stateMachine.restore?.({ index: -1, time: 0, members: [] }, nothing());
    Promise.resolve(reset).then(
      () => {
        if (!this.#ended) this.begin();
      },
      (error: unknown) => this.observer.failed(error),
    );
  }

  /** A frame with one's own id: another process runs under it. */
  #hearOwnId(frame: HamokMessage): void {
    const { sourceIncarnation } = frame;
    if (sourceIncarnation === undefined || sourceIncarnation === incarnationOf(this.#member)) return;
    this.#reportOnce('duplicate', () => new DuplicateMemberError(this.options.id));
  }

  /** Who died a moment ago counts as alive for an idle time yet: only a refusal that lasts longer tells of another process. */
  #reportRefusal({ outcome }: MembershipResponse): void {
    const refused = outcome === 'duplicate-member' || outcome === 'superseded';
    if (!refused) this.#refusedSince = undefined;
    else this.#refusedSince ??= this.#now;
    const { followerMaxIdleInMs } = this.options.timing;
    const lasts = this.#refusedSince !== undefined && this.#now - this.#refusedSince > 2 * followerMaxIdleInMs;
    if (outcome === 'superseded' || lasts) {
      this.#reportOnce('duplicate', () => new DuplicateMemberError(this.options.id));
    }
  }

  #reportConflict({ welcome, binding }: Bound): void {
    if (welcome.otherGrids.size === 0) return;
    const gridIds = [binding.gridId, ...welcome.otherGrids];
    this.#reportOnce(gridIds.join(), () => {
      this.events.emit('grid-conflict', gridIds);
      return new GridConflictError(gridIds);
    });
  }

  #reportOnce(what: string, error: () => Error): void {
    if (this.#reported === what) return;
    this.#reported = what;
    this.events.emit('error', error());
  }

  #sendGrid(message: GridMessage): void {
    this.options.transport.send(encodeGridMessage(message, this.options.gridName), message.to);
  }

  /** The plan of the options, with the ids that the application named before the start as its list. */
  #plan(): BootstrapPlan {
    const { plan, id } = this.options;
    if (plan.type === 'list') return { type: 'list', ids: [...plan.ids, ...this.#seeds] };
    if (plan.type === 'found' && this.#seeds.size > 0) return { type: 'list', ids: [id, ...this.#seeds] };
    return plan;
  }

  #newGridId(): string {
    return `${incarnationOf(this.#member).toString(36)}.${Math.floor(this.options.random() * 2 ** 48).toString(36)}`;
  }

  #newMember(highestSeen: number): MemberId {
    const { id, clock, random } = this.options;
    return memberId(id, newIncarnation(clock.wallTime(), random, highestSeen));
  }
}

/** The members that a lost grid was about to have are of no concern to the new one. */
function withoutConfiguration({ index, term, time, kind, data }: Entry): Entry {
  if (kind !== 'configuration') return { index, term, time, kind, data };
  return { index, term, time, kind: 'no-op', data: entryEncoder.noOp };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

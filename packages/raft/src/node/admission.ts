import {
  type ConfigurationChange,
  isMember,
  isVoter,
  majority,
  membersOf,
  mostVotersOf,
} from '../core/configuration.js';
import type { RaftCore } from '../core/raft-core.js';
import { idOf, incarnationOf, type MemberId } from '../identity/member-id.js';
import { successorOf } from './successor.js';

/**
 * What a request to join or leave came to: `accepted` is done as far as the asker is concerned, `pending` is under way. `stale`: it may have
 * been made before a removal of the asker, who is to ask as of what is committed now.
 */
export type AdmissionOutcome =
  | 'accepted'
  | 'pending'
  | 'stale'
  | 'not-leader'
  | 'duplicate-member'
  | 'superseded'
  | 'last-voter';

export interface AdmissionOptions {
  readonly core: RaftCore;
  readonly now: () => number;
  /** After how much silence a member is removed, in ms; 0: never. */
  readonly removeDeadAfterInMs: number;
  /** Sends something to all followers, and proceeds when a majority has answered it. */
  readonly askFollowers: () => void;
}

/** What each member had been sent when all were asked whether they follow, and how long those that have answered took (ms). */
interface RollCall {
  readonly at: number;
  readonly sentRounds: ReadonlyMap<MemberId, number>;
  readonly answerTimes: Map<MemberId, number>;
}

/** A member that asked to be admitted, as what, and as of which entry: see `MembershipRequest`. */
interface Joining {
  readonly member: MemberId;
  readonly asVoter: boolean;
  readonly asOf: number;
}

/**
 * The leader's part in membership: carries out what members ask for, one change of the configuration at a time, each begun when
 * the one before is committed (rules 5 and 7 of the architecture). What is asked is repeated by the askers, so a change
 * of leader loses nothing.
 */
export class Admission {
  readonly #core: RaftCore;
  readonly #now: () => number;
  readonly #removeDeadAfterInMs: number;
  readonly #askFollowers: () => void;
  #rollCall: RollCall | undefined;
  /** When it last looked after the members, and since when it has done so without a pause. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looksSince = Number.NEGATIVE_INFINITY;
  readonly #joining = new Map<string, Joining>();
  readonly #leaving = new Set<MemberId>();
  /** Since when each was asked to take over from this leader, which leaves. */
  readonly #successors = new Map<MemberId, number>();

  constructor({ core, now, removeDeadAfterInMs, askFollowers }: AdmissionOptions) {
    this.#core = core;
    this.#now = now;
    this.#removeDeadAfterInMs = removeDeadAfterInMs;
    this.#askFollowers = askFollowers;
  }

  /** Lets a member in that asks for it as of an entry, or makes one a voter that is in. */
  join(member: MemberId, asVoter: boolean, asOf = -1): AdmissionOutcome {
    if (this.#core.role !== 'leader') return 'not-leader';
    const { configuration, log } = this.#core;
    const joining = { member, asVoter, asOf };
    if (isMember(configuration, member)) {
      if (asVoter && !isVoter(configuration, member)) this.#joining.set(idOf(member), joining);
      this.proceed();
      return 'accepted';
    }
    const present = this.otherIncarnationOf(member);
    if (present !== undefined && this.#isAlive(present)) return 'duplicate-member';
    if (present !== undefined && incarnationOf(present) > incarnationOf(member)) return 'superseded';
    // What is not committed may be taken back: until then nobody can ask as of later.
    if (this.#isStale(joining)) return log.lastRemovalOf(member) <= log.commitIndex ? 'stale' : 'pending';
    const wanted = this.#joining.get(idOf(member));
    if (wanted === undefined || incarnationOf(wanted.member) <= incarnationOf(member)) {
      this.#joining.set(idOf(member), joining);
    }
    this.proceed();
    return isMember(this.#core.configuration, member) ? 'accepted' : 'pending';
  }

  /** Another incarnation of a member's id that is in the grid. */
  otherIncarnationOf(member: MemberId): MemberId | undefined {
    const members = membersOf(this.#core.configuration);
    return members.find((other) => other !== member && idOf(other) === idOf(member));
  }

  leave(member: MemberId): AdmissionOutcome {
    if (this.#core.role !== 'leader') return 'not-leader';
    const { configuration, log } = this.#core;
    if (!isMember(configuration, member)) return log.configurationIndex <= log.commitIndex ? 'accepted' : 'pending';
    if (isVoter(configuration, member) && configuration.voters.length === 1) return 'last-voter';
    this.#leaving.add(member);
    this.#joining.delete(idOf(member));
    this.proceed();
    return 'pending';
  }

  /** The application saw it go: it is removed unless it is heard here. */
  suspect(member: MemberId): void {
    if (this.#core.role === 'leader' && !this.#isAlive(member)) this.leave(member);
  }

  /** Begins the next change that can begin. */
  proceed(): void {
    if (this.#core.role !== 'leader') {
      this.#joining.clear();
      this.#leaving.clear();
      this.#successors.clear();
      this.#rollCall = undefined;
      return;
    }
    this.#noteTime();
    this.#noteAnswers();
    const change = this.#nextChange();
    if (change) this.#begin(change);
    else if (this.#leaving.has(this.#core.self)) this.#handOver();
  }

  /** What was said to this process while it stood still is still under way. */
  #noteTime(): void {
    const now = this.#now();
    if (now - this.#lookedAt > this.#core.timing.followerMaxIdleInMs) this.#looksSince = now;
    this.#lookedAt = now;
  }

  /** For the next one all are asked anew, and those who were let in by this one with them. */
  #begin(change: ConfigurationChange): void {
    const index = this.#core.changeConfiguration(change, this.#now());
    if (typeof index === 'number') this.#rollCall = undefined;
  }

  /** A leader that leaves asks its successor to remove it: one voter after another, since some never stand for election. */
  #handOver(): void {
    const now = this.#now();
    const { followerMaxIdleInMs } = this.#core.timing;
    const isEligible = (member: MemberId): boolean =>
      !this.#leaving.has(member) && now - (this.#successors.get(member) ?? now) < followerMaxIdleInMs;
    const isAsked = (member: MemberId): boolean => isEligible(member) && this.#successors.has(member);
    const successor = successorOf(this.#core, now, isAsked) ?? successorOf(this.#core, now, isEligible);
    if (successor === undefined) return this.#successors.clear();
    if (!this.#successors.has(successor)) this.#successors.set(successor, now);
    this.#core.transferLeadership(successor, now);
  }

  #nextChange(): ConfigurationChange | undefined {
    const { configuration, self } = this.#core;
    for (const member of this.#leaving) {
      if (!isMember(configuration, member)) this.#leaving.delete(member);
      else if (member !== self && this.#canSpare(member)) return { type: 'remove', member };
    }
    for (const joining of this.#joining.values()) {
      const change = this.#stepOfJoining(joining);
      if (change) return change;
    }
    return this.#removalOfDead();
  }

  /** Remove the incarnation before, add the new one as a learner, promote it once it has caught up: never a swap, never add first. */
  #stepOfJoining(joining: Joining): ConfigurationChange | undefined {
    const { member, asVoter } = joining;
    const { configuration, progress, log, limits } = this.#core;
    const isMemberNow = isMember(configuration, member);
    if (asVoter ? isVoter(configuration, member) : isMemberNow) {
      this.#joining.delete(idOf(member));
      return undefined;
    }
    if (isMemberNow) {
      const follower = progress.get(member);
      const caughtUp =
        follower?.state === 'replicate' && log.commitIndex - follower.matchIndex <= limits.maxPromotionLag;
      const isPossible = caughtUp && this.#areLed([...configuration.voters, member]) && this.#follows(member);
      return isPossible ? { type: 'promote', member } : undefined;
    }
    if (this.#isStale(joining)) {
      this.#joining.delete(idOf(member));
      return undefined;
    }
    const before = this.otherIncarnationOf(member);
    if (before === undefined) return { type: 'add-learner', member };
    return this.#isAlive(before) || !this.#canSpare(before) ? undefined : { type: 'remove', member: before };
  }

  #canSpare(member: MemberId): boolean {
    const { voters } = this.#core.configuration;
    return !voters.includes(member) || this.#areLed(voters.filter((voter) => voter !== member));
  }

  /**
   * Whether a majority of those that are to be the voters follows this leader, as they answer when they are asked for that: what one said
   * may have been under way since before it died. Where none does, the change could not be committed, nor taken back: the voters with that
   * entry would wait for those that are gone, and no other could be elected.
   */
  #areLed(voters: readonly MemberId[]): boolean {
    const { self } = this.#core;
    const others = voters.filter((voter) => voter !== self && this.#isLed(voter) && this.#isAlive(voter));
    const needed = majority(voters.length) - (voters.includes(self) ? 1 : 0);
    return others.length >= needed && (needed === 0 || this.#answering(others) >= needed);
  }

  /**
   * How many of these have answered the last roll call, and follow. It is repeated where it is too long ago: whoever is heard once an idle
   * time, as a leader hears a majority, has answered within two.
   */
  #answering(members: readonly MemberId[]): number {
    const { progress, timing } = this.#core;
    if (!this.#rollCall || this.#now() - this.#rollCall.at > 2 * timing.followerMaxIdleInMs) {
      const sentRounds = new Map(Array.from(progress.values(), ({ member, sentRound }) => [member, sentRound]));
      this.#rollCall = { at: this.#now(), sentRounds, answerTimes: new Map() };
      this.#askFollowers();
    }
    const { answerTimes } = this.#rollCall;
    return members.filter((member) => answerTimes.has(member) && this.#follows(member)).length;
  }

  #noteAnswers(): void {
    if (!this.#rollCall) return;
    const { at, sentRounds, answerTimes } = this.#rollCall;
    for (const { member, ackedRound, lastHeardAt } of this.#core.progress.values()) {
      const hasAnswered = ackedRound > (sentRounds.get(member) ?? Number.POSITIVE_INFINITY);
      if (hasAnswered && !answerTimes.has(member)) answerTimes.set(member, lastHeardAt - at);
    }
  }

  /** It goes on answering heartbeats, as fast as its disk lets it: it was not silent for longer than its answer to the roll call took. */
  #follows(member: MemberId): boolean {
    const { progress, timing } = this.#core;
    const { lastHeardAt = Number.NEGATIVE_INFINITY } = progress.get(member) ?? {};
    const answerTime = this.#rollCall?.answerTimes.get(member) ?? 0;
    return this.#isLed(member) && this.#now() - lastHeardAt <= Math.max(2 * timing.heartbeatInMs, answerTime);
  }

  /** It holds an entry of this leader's term. */
  #isLed(member: MemberId): boolean {
    const { progress, termStartIndex } = this.#core;
    return (progress.get(member)?.matchIndex ?? -1) >= termStartIndex;
  }

  /**
   * A membership is a session, and one that was closed must not begin anew under its name. Whoever has sent a command has applied its
   * admission, and names no index that it learns of after that: all that it ever asks is as of before its removal (rule 5).
   */
  #isStale({ member, asOf }: Joining): boolean {
    return asOf < this.#core.log.lastRemovalOf(member);
  }

  /** Never below a majority of the most voters there were: whoever leads knows them from the configuration. */
  #removalOfDead(): ConfigurationChange | undefined {
    if (this.#removeDeadAfterInMs === 0) return undefined;
    const { configuration, progress } = this.#core;
    const { voters } = configuration;
    for (const { member, lastHeardAt } of progress.values()) {
      if (this.#silenceSince(lastHeardAt) < this.#removeDeadAfterInMs) continue;
      const isNeeded = isVoter(configuration, member) && voters.length <= majority(mostVotersOf(configuration));
      if (isNeeded || !this.#canSpare(member)) continue;
      return { type: 'remove', member };
    }
    return undefined;
  }

  #isAlive(member: MemberId): boolean {
    if (member === this.#core.self) return true;
    const follower = this.#core.progress.get(member);
    if (!follower || follower.state === 'forgetful') return false;
    return this.#silenceSince(follower.lastHeardAt) < this.#core.timing.followerMaxIdleInMs;
  }

  /** How long somebody who was heard then has been silent while somebody listened, in ms. */
  #silenceSince(heardAt: number): number {
    return this.#now() - Math.max(heardAt, this.#looksSince);
  }
}

import { type HamokMessage, MessageType } from '@hamok/messages';
import { type Configuration, idOf, incarnationOf, type MemberId, type RaftCore } from '@hamok/raft';
import { membersOf, Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';
import type { MostVoters } from './most-voters.js';

/** What a leader goes by, since it leads. */
interface Reign {
  readonly term: number;
  configuration: Configuration;
  /** Of each other member, by its clock: when it was heard last, or began to be listened to. */
  readonly heardAt: Map<MemberId, number>;
  /** They do not hold any more what they acknowledged, and are not listened to. */
  readonly forgetful: Set<MemberId>;
  /** By its clock: when it first sent each of its last rounds. */
  readonly begunAt: Map<number, number>;
  lastRound: number;
  readonly answers: Map<MemberId, Answers>;
}

/** The last round that a member has answered, and how long its answers took lately, at the longest (ms). */
interface Answers {
  round: number;
  lately: { readonly at: number; readonly tookInMs: number }[];
}

/** So many rounds are begun within an idle time at the most. */
const knownRounds = 4096;

const answers: ReadonlySet<number | undefined> = new Set([
  MessageType.RAFT_APPEND_ENTRIES_RESPONSE,
  MessageType.RAFT_SNAPSHOT_RESPONSE,
]);

/**
 * Whom nobody asked to remove is removed only when the leader has not heard it for as long as it was told, and as long as the voters are a
 * majority of the most that the grid ever had; or, for an idle time, when another incarnation of its id asks to join. A voter is
 * removed, or added, only while a majority of those that are to be the voters follows: each has answered something that was sent within the last two idle times, for an answer may
 * outlive whoever gave it, and has since been silent for no longer than its answers take, or two heartbeats.
 */
export class Removals implements GridInvariant {
  readonly name = 'only the silent are removed';
  readonly source = 'architecture, rules 5 and 7';
  readonly #reigns = new WeakMap<RaftCore, Reign>();
  readonly #seen = new Set<MemberId>();
  /** The latest incarnation of each id. */
  readonly #latest = new Map<string, number>();
  readonly #latestTerms = new Map<string, number>();

  constructor(private readonly mostVoters: MostVoters) {}

  onReceived(process: Process, frame: () => HamokMessage): void {
    const { core } = process;
    const reign = core && this.#reigns.get(core);
    if (!reign || !process.leads || core.term !== reign.term) return;
    const { type, sourceId, sourceIncarnation, destinationIncarnation, raftTerm, gridId } = frame();
    if (!answers.has(type) || raftTerm !== reign.term || gridId !== process.gridId) return;
    // What was said to an incarnation before this one is not heard.
    if (destinationIncarnation !== incarnationOf(core.self)) return;
    const member = `${sourceId}@${sourceIncarnation}`;
    if (reign.heardAt.has(member)) reign.heardAt.set(member, process.clock.now());
  }

  onStep(process: Process): void {
    const { member, core, gridId } = process;
    if (member !== undefined && !this.#seen.has(member)) {
      this.#seen.add(member);
      this.#latest.set(idOf(member), this.#latestOf(member));
    }
    if (!core || gridId === undefined) return;
    this.#latestTerms.set(gridId, Math.max(this.#latestTerms.get(gridId) ?? 0, core.term));
    if (core.role === 'leader') this.#watch(process, gridId);
  }

  #latestOf(member: MemberId): number {
    return Math.max(this.#latest.get(idOf(member)) ?? 0, incarnationOf(member));
  }

  #watch(process: Process, gridId: string): void {
    const { core, clock } = process;
    if (!core) return;
    const { term, configuration, progress } = core;
    const known = this.#reigns.get(core);
    const reign = known?.term === term ? known : newReign(term, configuration);
    this.#reigns.set(core, reign);
    if (reign.configuration !== configuration) {
      this.#checkLed(process, reign, configuration);
      const members = membersOf(configuration);
      for (const member of membersOf(reign.configuration))
        if (!members.includes(member)) this.#check(process, gridId, reign, member, configuration);
      reign.configuration = configuration;
    }
    for (const { member, state, sentRound, ackedRound } of progress.values()) {
      if (sentRound > reign.lastRound) this.#begin(reign, sentRound, clock.now());
      noteAnswer(reign, member, ackedRound, clock.now(), 2 * core.timing.followerMaxIdleInMs);
      if (!reign.heardAt.has(member)) reign.heardAt.set(member, clock.now());
      if (state === 'forgetful') reign.forgetful.add(member);
    }
  }

  #begin(reign: Reign, round: number, now: number): void {
    reign.lastRound = round;
    reign.begunAt.set(round, now).delete(round - knownRounds);
  }

  /** Where the voters do not follow, a change of them could not be committed, nor taken back. */
  #checkLed(process: Process, reign: Reign, { voters }: Configuration): void {
    const { core, clock, name } = process;
    const before = reign.configuration.voters;
    const promoted = voters.find((voter) => !before.includes(voter));
    if (!core || (promoted === undefined && voters.length === before.length)) return;
    const silentFor = (other: MemberId): number => clock.now() - (reign.heardAt.get(other) ?? clock.now());
    const { heartbeatInMs, followerMaxIdleInMs } = core.timing;
    const isAnswering = (voter: MemberId): boolean =>
      clock.now() - begunAt(reign, core.progress.get(voter)?.ackedRound ?? -1) <=
      2 * followerMaxIdleInMs + heartbeatInMs;
    // The leader takes the time of an answer when it next looks at the membership, which it does once a heartbeat.
    const mayBeSilentFor = (voter: MemberId): number =>
      promoted === undefined
        ? Math.max(2 * heartbeatInMs, longestAnswer(reign, voter) + heartbeatInMs)
        : followerMaxIdleInMs;
    const follows = (voter: MemberId): boolean => silentFor(voter) <= mayBeSilentFor(voter) && isAnswering(voter);
    const following = voters.filter((voter) => voter === core.self || follows(voter));
    const what = `${name} goes on with the voters [${voters}]`;
    if (!isMajority(following.length, voters.length))
      throw new Violation(this.name, `${what}, and is followed by [${following}]`);
    if (promoted !== undefined && silentFor(promoted) > followerMaxIdleInMs)
      throw new Violation(this.name, `${what}, and has not heard ${promoted} for ${silentFor(promoted)} ms`);
  }

  #check(process: Process, gridId: string, reign: Reign, member: MemberId, { voters }: Configuration): void {
    const { world, core, clock } = process;
    if (!core) return;
    const silentFor = (other: MemberId): number => clock.now() - (reign.heardAt.get(other) ?? clock.now());
    const wasVoter = reign.configuration.voters.includes(member);
    if (world.dismissed.has(member) || reign.forgetful.has(member)) return;
    const isFollowed = incarnationOf(member) < this.#latestOf(member);
    const { removeDeadAfter } = world.plan;
    const least = isFollowed ? core.timing.followerMaxIdleInMs : removeDeadAfter || Number.POSITIVE_INFINITY;
    if (silentFor(member) < least)
      throw new Violation(this.name, `${process.name} removes ${member}, silent for ${silentFor(member)} ms`);
    // The log of whoever leads in the latest term has all that was applied anywhere (paper §5.4).
    const isLatest = core.term === this.#latestTerms.get(gridId);
    const most = this.mostVoters.of(gridId);
    if (isLatest && wasVoter && !isFollowed && !isMajority(voters.length, most))
      throw new Violation(this.name, `${process.name} removes ${member}: [${voters}] are left of ${most} voters`);
  }
}

/** When a round was sent first, as far as it was seen: no later than the next that was. */
function begunAt(reign: Reign, round: number): number {
  for (let seen = round; seen >= 0 && seen <= reign.lastRound; seen++) {
    const at = reign.begunAt.get(seen);
    if (at !== undefined) return at;
  }
  return Number.NEGATIVE_INFINITY;
}

/** The answer may have been waited for since the last round that was answered: the next one begins when a majority has answered that. */
function noteAnswer(reign: Reign, member: MemberId, round: number, now: number, keptForInMs: number): void {
  const answers = reign.answers.get(member);
  if (answers === undefined) {
    reign.answers.set(member, { round, lately: [] });
    return;
  }
  if (round <= answers.round) return;
  const kept = answers.lately.filter(({ at }) => now - at <= keptForInMs);
  answers.lately = [...kept, { at: now, tookInMs: now - begunAt(reign, Math.max(answers.round, 0)) }];
  answers.round = round;
}

function longestAnswer(reign: Reign, member: MemberId): number {
  return Math.max(0, ...(reign.answers.get(member)?.lately ?? []).map(({ tookInMs }) => tookInMs));
}

function newReign(term: number, configuration: Configuration): Reign {
  return {
    term,
    configuration,
    heardAt: new Map(),
    forgetful: new Set(),
    begunAt: new Map(),
    lastRound: -1,
    answers: new Map(),
  };
}

function isMajority(count: number, of: number): boolean {
  return 2 * count > of;
}

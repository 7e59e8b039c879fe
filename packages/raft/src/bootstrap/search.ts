import { idOf, incarnationOf, type MemberId } from '../identity/member-id.js';
import type { Random } from '../ports/clock.js';
import { type Base, chooseBase, sameBase } from './base.js';
import type {
  BootstrapOffer,
  BootstrapRequest,
  BootstrapResponse,
  GridMessage,
  GridStates,
  Hello,
  MembershipResponse,
} from './messages.js';
import { type BootstrapPlan, expectedIds, sameIds } from './plan.js';

/** How an unbound member came into a grid. */
export interface Binding {
  readonly gridId: string;
  /** The members that the grid began with: exactly these incarnations. */
  readonly members: readonly MemberId[];
  /** It was not one of them: it joins a grid that runs already, as a learner. */
  readonly joining: boolean;
  /** The state that the grid began with, and the grid whose state that was, as far as that is known. */
  readonly gridBase?: Base | undefined;
  readonly parentGridId?: string | undefined;
  /**
   * The state that this member holds, where it begins with that: as one of those that begin the grid (all of which hold the same), or
   * because the leader of the grid that it joins has confirmed it.
   */
  readonly base?: Base | undefined;
}

export interface SearchOptions {
  readonly self: MemberId;
  readonly plan: BootstrapPlan;
  /** As what it asks to be admitted where a grid runs. */
  readonly action: 'join' | 'learn';
  readonly intervalInMs: number;
  readonly random: Random;
  readonly newGridId: () => string;
  /** The state that this member holds. */
  readonly base?: Base | undefined;
  readonly now: number;
}

/** Somebody else who can be reached. */
interface Found {
  readonly member: MemberId;
  heardAt: number;
  /** What it said of itself in its last hello. */
  base: Base | undefined;
  joinsOnly: boolean;
}

/** Who is not heard for so many intervals is not counted as found any more. */
const forgottenAfterIntervals = 20;
/** Who agreed to a question agrees to nobody else's for so many intervals. */
const promiseIntervals = 100;
/**
 * An asker takes answers to one question for so many intervals. Being far shorter than a promise, this makes sure that nobody
 * agreed to another question by the time the asker concludes, whatever is delayed.
 */
const questionIntervals = 25;

/**
 * An unbound member looking for its grid, as a pure state machine: it is found and finds others by hellos, begins a grid
 * when everyone expected agrees, and asks to be admitted where one runs already. Rules 2 to 4 of the architecture.
 *
 * Where some of them hold a state, the grid begins with the latest of these, and with those that hold it as its members, so that
 * nobody votes or stands who does not (rule 9). The others join it at once.
 */
export class GridSearch {
  readonly #options: SearchOptions;
  readonly #found = new Map<string, Found>();
  /** Whom those who are found would begin a grid with. */
  readonly #expectedBy = new Map<string, readonly string[]>();
  readonly #messages: GridMessage[] = [];
  readonly #startedAt: number;
  #plan: BootstrapPlan;
  #now: number;
  #nextRound: number;
  #binding: Binding | undefined;

  /** The question under way, as the asker. */
  #nonce: string | undefined;
  #askedAt = 0;
  #asked: readonly string[] = [];
  readonly #agreed = new Map<string, { readonly member: MemberId; readonly base: Base | undefined }>();

  /** Who was agreed with last. For a while nobody else is, and offers of its older incarnations are void. */
  #answered: { asker: MemberId; at: number } | undefined;
  /** A grid that runs: no new one may begin while it is heard of. `asOf`: up to where it is said to be committed. */
  #running: { gridId: string; ask: string; at: number; asOf: number } | undefined;
  /** Who was asked to let this member in since the last round: where nobody leads, each names another, and it would ask without end. */
  readonly #askedToJoin = new Set<string>();
  /** It has asked once more since the last round, as of later. */
  #askedAgain = false;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#now = options.now;
    this.#startedAt = options.now;
    this.#nextRound = options.now;
  }

  get nextDeadline(): number {
    return this.#nextRound;
  }

  /** Other members are expected from now on: a question that named the ones before is asked anew. */
  replan(plan: BootstrapPlan): void {
    this.#plan = plan;
  }

  /** Set once the member belongs to a grid: it binds once, and the search is over. */
  get binding(): Binding | undefined {
    return this.#binding;
  }

  /** The ids heard of, oneself included. */
  get found(): string[] {
    const ids = [idOf(this.#options.self)];
    for (const [id, { heardAt }] of this.#found) if (this.#isWithin(heardAt, forgottenAfterIntervals)) ids.push(id);
    return ids;
  }

  /** Those found who begin no grid. */
  get joiningOnly(): string[] {
    return this.found.filter((id) => this.#found.get(id)?.joinsOnly);
  }

  /** The grid that was heard of last, while it is heard of. */
  get runningGridId(): string | undefined {
    return this.#isRunning() ? this.#running?.gridId : undefined;
  }

  /** Those found who would begin a grid with others than this member would. */
  get disagreeing(): string[] {
    const expected = this.#expected();
    return this.found.filter((id) => {
      const theirs = this.#expectedBy.get(id);
      if (this.#found.get(id)?.joinsOnly) return false;
      return theirs !== undefined && expected !== undefined && !sameIds(theirs, expected);
    });
  }

  /** Ids of the grids whose states are held by this member and those heard of, where no grid can begin with all of them. */
  get conflict(): readonly string[] {
    const { base } = this.#options;
    const held = base === undefined ? [] : [base];
    for (const found of this.#found.values())
      if (found.base !== undefined && this.#isWithin(found.heardAt, forgottenAfterIntervals)) held.push(found.base);
    return chooseBase(held) === 'conflict' ? [...new Set(held.map(({ gridId }) => gridId))].sort() : [];
  }

  takeMessages(): GridMessage[] {
    return this.#messages.splice(0);
  }

  tick(now: number): void {
    this.#now = Math.max(this.#now, now);
    if (this.#binding || this.#now < this.#nextRound) return;
    const { intervalInMs, random } = this.#options;
    this.#nextRound = this.#now + intervalInMs * (0.75 + random() / 2);
    this.#askedToJoin.clear();
    this.#askedAgain = false;
    this.#sayHello(undefined);
    if (this.#isRunning()) this.#askToJoin();
    else this.#ask();
  }

  step(message: GridMessage, now: number): void {
    this.#now = Math.max(this.#now, now);
    if (this.#binding) return;
    this.#hear(message.from);
    switch (message.type) {
      case 'hello':
        return this.#onHello(message);
      case 'grid-states':
        return this.#onGridStates(message);
      case 'bootstrap-request':
        return this.#onRequest(message);
      case 'bootstrap-response':
        return this.#onResponse(message);
      case 'bootstrap-offer':
        return this.#onOffer(message);
      case 'membership-response':
        return this.#onAnswer(message);
      case 'membership-request':
      case 'peer-request':
      case 'peer-response':
        return;
    }
  }

  /** What an earlier incarnation said arrives late, unless it lives: then nothing is heard of the later one any more. */
  #hear(member: MemberId): void {
    const known = this.#found.get(idOf(member));
    const isLate =
      known !== undefined &&
      incarnationOf(member) < incarnationOf(known.member) &&
      this.#isWithin(known.heardAt, forgottenAfterIntervals);
    if (known?.member === member) known.heardAt = this.#now;
    else if (!isLate) this.#found.set(idOf(member), { member, heardAt: this.#now, base: undefined, joinsOnly: false });
  }

  #sayHello(to: string | undefined): void {
    const { self: from, base } = this.#options;
    const expected = this.#expected() ?? [];
    const addressed = to === undefined ? { from } : { from, to };
    const joinsOnly = this.#plan.type === 'none';
    this.#messages.push({ type: 'hello', ...addressed, expected, joinsOnly, gridId: undefined, base });
  }

  #onHello(hello: Hello): void {
    this.#expectedBy.set(idOf(hello.from), hello.expected);
    const found = this.#found.get(idOf(hello.from));
    if (found?.member === hello.from && hello.gridId === undefined) {
      found.base = hello.base;
      found.joinsOnly = hello.joinsOnly;
    }
    if (hello.gridId !== undefined) this.#heardOfGrid(hello.gridId, idOf(hello.from));
    else if (hello.to === undefined) this.#sayHello(idOf(hello.from));
  }

  #onGridStates({ gridId, leader, from }: GridStates): void {
    this.#heardOfGrid(gridId, idOf(leader ?? from));
  }

  #onAnswer(answer: MembershipResponse): void {
    const { outcome, gridId, leader, from, asOf } = answer;
    if (outcome === 'accepted') return this.#bind(answer, answer.base);
    const ask = idOf(leader ?? from);
    const asksAgain = outcome === 'stale' && !this.#askedAgain;
    if (asksAgain) this.#askedToJoin.delete(ask);
    this.#askedAgain ||= asksAgain;
    this.#heardOfGrid(gridId, ask, asOf);
    if (asksAgain) this.#askToJoin();
  }

  #heardOfGrid(gridId: string, ask: string, asOf = -1): void {
    this.#nonce = undefined;
    const isNews = !this.#isRunning() || this.#running?.ask !== ask;
    const told = this.#running?.gridId === gridId ? this.#running.asOf : -1;
    this.#running = { gridId, ask, at: this.#now, asOf: Math.max(told, asOf) };
    if (isNews) this.#askToJoin();
  }

  #isRunning(): boolean {
    return this.#running !== undefined && this.#isWithin(this.#running.at, forgottenAfterIntervals);
  }

  #askToJoin(): void {
    if (!this.#running) return;
    const { gridId, ask: to, asOf } = this.#running;
    if (to === idOf(this.#options.self) || this.#askedToJoin.has(to)) return;
    this.#askedToJoin.add(to);
    this.#messages.push({
      type: 'membership-request',
      from: this.#options.self,
      to,
      gridId,
      action: this.#options.action,
      asOf,
      base: this.#options.base,
    });
  }

  /** The lowest expected id asks the others; each question has a nonce of its own, so that old answers do not count. */
  #ask(): void {
    const { self, random } = this.#options;
    const expected = this.#expected();
    if (!expected || expected[0] !== idOf(self) || this.#promisedTo() !== undefined) return;
    if (
      this.#nonce === undefined ||
      !this.#isWithin(this.#askedAt, questionIntervals) ||
      !sameIds(this.#asked, expected)
    ) {
      this.#nonce = `${incarnationOf(self).toString(36)}-${Math.floor(random() * 2 ** 48).toString(36)}`;
      this.#asked = expected;
      this.#askedAt = this.#now;
      this.#agreed.clear();
    }
    this.#conclude();
    if (this.#binding) return;
    for (const to of expected) {
      if (to === idOf(self) || this.#agreed.has(to)) continue;
      this.#messages.push({ type: 'bootstrap-request', from: self, to, nonce: this.#nonce, expected });
    }
  }

  #onRequest({ from, nonce, expected }: BootstrapRequest): void {
    const { self, base } = this.#options;
    const agreed =
      expected[0] === idOf(from) && sameIds(expected, this.#expected() ?? []) && !this.#isPromisedElsewhere(from);
    if (agreed) {
      this.#answered = { asker: from, at: this.#now };
      this.#nonce = undefined;
    }
    const to = idOf(from);
    this.#messages.push({ type: 'bootstrap-response', from: self, to, nonce, agreed, gridId: undefined, base });
  }

  #onResponse({ from, nonce, agreed, gridId, base }: BootstrapResponse): void {
    if (gridId !== undefined) return this.#heardOfGrid(gridId, idOf(from));
    if (nonce !== this.#nonce || !agreed || !this.#asked.includes(idOf(from))) return;
    if (!this.#isWithin(this.#askedAt, questionIntervals)) return;
    const before = this.#agreed.get(idOf(from));
    if (before !== undefined && before.member !== from) {
      // It restarted between two answers: neither can be taken for the other.
      this.#nonce = undefined;
      return;
    }
    this.#agreed.set(idOf(from), { member: from, base });
    this.#conclude();
  }

  /**
   * Everyone expected, of an identical list, said to be unbound: the grid is exactly these incarnations, or those of them that hold
   * the state that it begins with.
   */
  #conclude(): void {
    const { self, newGridId, base: own } = this.#options;
    if (this.#nonce === undefined || this.#agreed.size < this.#asked.length - 1) return;
    const all = this.#asked.map((id) => this.#agreed.get(id) ?? { member: self, base: own });
    const gridBase = chooseBase(all.flatMap(({ base }) => base ?? []));
    if (gridBase === 'conflict') return;
    const isHeld = (base: Base | undefined): boolean => gridBase === undefined || sameBase(base, gridBase);
    const members = all.filter(({ base }) => isHeld(base)).map(({ member }) => member);
    this.#bind({ gridId: newGridId(), members, gridBase });
  }

  #onOffer({ from, gridId, members, base }: BootstrapOffer): void {
    const { self, base: own } = this.#options;
    if (!members.includes(self)) return this.#heardOfGrid(gridId, idOf(from));
    if (base !== undefined && !sameBase(base, own)) return;
    if (!this.#isVoid([...members, from])) this.#bind({ gridId, members, gridBase: base });
  }

  /** Something in it is older than who was agreed with last. */
  #isVoid(members: readonly MemberId[]): boolean {
    const asker = this.#promisedTo();
    if (asker === undefined) return false;
    return members.some((member) => idOf(member) === idOf(asker) && incarnationOf(member) < incarnationOf(asker));
  }

  #isPromisedElsewhere(asker: MemberId): boolean {
    const other = this.#promisedTo();
    return other !== undefined && (idOf(other) !== idOf(asker) || incarnationOf(other) > incarnationOf(asker));
  }

  #promisedTo(): MemberId | undefined {
    return this.#answered && this.#isWithin(this.#answered.at, promiseIntervals) ? this.#answered.asker : undefined;
  }

  /** @param confirmed what the leader of a grid that runs says to be a state of it */
  #bind(grid: Omit<Binding, 'joining' | 'base'>, confirmed?: Base): void {
    const { gridId, members, gridBase, parentGridId = gridBase?.gridId } = grid;
    const { self, base: own } = this.#options;
    const joining = !members.includes(self);
    // Those that begin a grid are chosen for holding what it begins with, whoever tells them that they do.
    const base = !joining || sameBase(confirmed, own) ? own : undefined;
    this.#binding = { gridId, members, joining, gridBase, parentGridId, base };
  }

  #expected(): string[] | undefined {
    const founders = this.found.filter((id) => !this.#found.get(id)?.joinsOnly);
    return expectedIds(this.#plan, founders, this.#now - this.#startedAt);
  }

  #isWithin(at: number, intervals: number): boolean {
    return this.#now - at <= intervals * this.#options.intervalInMs;
  }
}

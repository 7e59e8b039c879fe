import { idOf, incarnationOf, type MemberId } from '../identity/member-id.js';
import type { Random } from '../ports/clock.js';
import type {
  BootstrapOffer,
  BootstrapRequest,
  BootstrapResponse,
  GridMessage,
  GridStates,
  Hello,
} from './messages.js';
import { type BootstrapPlan, expectedIds, sameIds } from './plan.js';

/** How an unbound member came into a grid. */
export interface Binding {
  readonly gridId: string;
  /** The members that the grid began with: exactly these incarnations. */
  readonly members: readonly MemberId[];
  /** It was not one of them: it joins a grid that runs already, as a learner. */
  readonly joining: boolean;
}

export interface SearchOptions {
  readonly self: MemberId;
  readonly plan: BootstrapPlan;
  /** As what it asks to be admitted where a grid runs. */
  readonly action: 'join' | 'learn';
  readonly intervalInMs: number;
  readonly random: Random;
  readonly newGridId: () => string;
  readonly now: number;
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
 */
export class GridSearch {
  readonly #options: SearchOptions;
  readonly #found = new Map<string, { member: MemberId; heardAt: number }>();
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
  readonly #agreed = new Map<string, MemberId>();

  /** Who was agreed with last. For a while nobody else is, and offers of its older incarnations are void. */
  #answered: { asker: MemberId; at: number } | undefined;
  /** A grid that runs: no new one may begin while it is heard of. */
  #running: { gridId: string; ask: string; at: number } | undefined;

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

  /** The grid that was heard of last, while it is heard of. */
  get runningGridId(): string | undefined {
    return this.#isRunning() ? this.#running?.gridId : undefined;
  }

  /** Those found who would begin a grid with others than this member would. */
  get disagreeing(): string[] {
    const expected = this.#expected();
    return this.found.filter((id) => {
      const theirs = this.#expectedBy.get(id);
      return theirs !== undefined && expected !== undefined && !sameIds(theirs, expected);
    });
  }

  takeMessages(): GridMessage[] {
    return this.#messages.splice(0);
  }

  tick(now: number): void {
    this.#now = Math.max(this.#now, now);
    if (this.#binding || this.#now < this.#nextRound) return;
    const { intervalInMs, random } = this.#options;
    this.#nextRound = this.#now + intervalInMs * (0.75 + random() / 2);
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
        if (message.outcome === 'accepted') this.#bind(message.gridId, message.members);
        else this.#heardOfGrid(message.gridId, idOf(message.leader ?? message.from));
        return;
      case 'membership-request':
      case 'peer-request':
      case 'peer-response':
        return;
    }
  }

  #hear(member: MemberId): void {
    const known = this.#found.get(idOf(member));
    const newer = !known || incarnationOf(member) >= incarnationOf(known.member);
    if (newer) this.#found.set(idOf(member), { member, heardAt: this.#now });
  }

  #sayHello(to: string | undefined): void {
    const { self: from } = this.#options;
    const expected = this.#expected() ?? [];
    this.#messages.push({ type: 'hello', from, ...(to === undefined ? {} : { to }), expected, gridId: undefined });
  }

  #onHello(hello: Hello): void {
    this.#expectedBy.set(idOf(hello.from), hello.expected);
    if (hello.gridId !== undefined) this.#heardOfGrid(hello.gridId, idOf(hello.from));
    else if (hello.to === undefined) this.#sayHello(idOf(hello.from));
  }

  #onGridStates({ gridId, leader, from }: GridStates): void {
    this.#heardOfGrid(gridId, idOf(leader ?? from));
  }

  #heardOfGrid(gridId: string, ask: string): void {
    this.#nonce = undefined;
    const isNews = !this.#isRunning() || this.#running?.ask !== ask;
    this.#running = { gridId, ask, at: this.#now };
    if (isNews) this.#askToJoin();
  }

  #isRunning(): boolean {
    return this.#running !== undefined && this.#isWithin(this.#running.at, forgottenAfterIntervals);
  }

  #askToJoin(): void {
    if (!this.#running) return;
    const { gridId, ask: to } = this.#running;
    if (to === idOf(this.#options.self)) return;
    this.#messages.push({
      type: 'membership-request',
      from: this.#options.self,
      to,
      gridId,
      action: this.#options.action,
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
    const { self } = this.#options;
    const agreed =
      expected[0] === idOf(from) && sameIds(expected, this.#expected() ?? []) && !this.#isPromisedElsewhere(from);
    if (agreed) {
      this.#answered = { asker: from, at: this.#now };
      this.#nonce = undefined;
    }
    this.#messages.push({ type: 'bootstrap-response', from: self, to: idOf(from), nonce, agreed, gridId: undefined });
  }

  #onResponse({ from, nonce, agreed, gridId }: BootstrapResponse): void {
    if (gridId !== undefined) return this.#heardOfGrid(gridId, idOf(from));
    if (nonce !== this.#nonce || !agreed || !this.#asked.includes(idOf(from))) return;
    if (!this.#isWithin(this.#askedAt, questionIntervals)) return;
    const before = this.#agreed.get(idOf(from));
    if (before !== undefined && before !== from) {
      // It restarted between two answers: neither can be taken for the other.
      this.#nonce = undefined;
      return;
    }
    this.#agreed.set(idOf(from), from);
    this.#conclude();
  }

  /** Everyone expected, of an identical list, said to be unbound: the grid is exactly these incarnations. */
  #conclude(): void {
    const { self, newGridId } = this.#options;
    if (this.#nonce === undefined || this.#agreed.size < this.#asked.length - 1) return;
    const members = this.#asked.map((id) => (id === idOf(self) ? self : (this.#agreed.get(id) ?? '')));
    const gridId = newGridId();
    this.#binding = { gridId, members, joining: false };
  }

  #onOffer({ from, gridId, members }: BootstrapOffer): void {
    const { self } = this.#options;
    if (!members.includes(self)) return this.#heardOfGrid(gridId, idOf(from));
    if (!this.#isVoid(members)) this.#bind(gridId, members);
  }

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

  #bind(gridId: string, members: readonly MemberId[]): void {
    this.#binding = { gridId, members, joining: !members.includes(this.#options.self) };
  }

  #expected(): string[] | undefined {
    return expectedIds(this.#plan, this.found, this.#now - this.#startedAt);
  }

  #isWithin(at: number, intervals: number): boolean {
    return this.#now - at <= intervals * this.#options.intervalInMs;
  }
}

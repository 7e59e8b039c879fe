import type { Clock, Random } from '../ports/clock.js';
import { newIncarnation } from './incarnation.js';
import { incarnationOf, type MemberId, memberId } from './member-id.js';

export interface IdentityOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** So many numbers a process may use of those that follow its own, before the next one's. */
const numbersOfARun = 2 ** 30;

/** As which member a process takes part: a new one, until its storage says that it was another (rules 1 and 10 of the architecture). */
export class Identity {
  readonly #options: IdentityOptions;
  #member: MemberId;
  /** What this process is called where it goes on as a member that another was. */
  #resumed: { readonly member: MemberId; readonly run: MemberId } | undefined;

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#member = this.#newMember(-1);
  }

  get member(): MemberId {
    return this.#member;
  }

  /** This process of the member. */
  get run(): MemberId {
    return this.resumedRun ?? this.#member;
  }

  /** This process, where it goes on as a member that another was. */
  get resumedRun(): MemberId | undefined {
    return this.#resumed?.member === this.#member ? this.#resumed.run : undefined;
  }

  /** Takes part as a new member, of a higher incarnation than this process and that one. */
  renew(highestSeen: number): void {
    this.#member = this.#newMember(Math.max(incarnationOf(this.run), highestSeen));
  }

  /** Goes on as a member that earlier processes were, of which this was the last. Returns what this one is called. */
  resume(member: MemberId, lastRun: MemberId): MemberId {
    const run = this.#newMember(incarnationOf(lastRun) + numbersOfARun);
    this.#member = member;
    this.#resumed = { member, run };
    return run;
  }

  /** For a grid that this member begins. */
  newGridId(): string {
    return `${incarnationOf(this.#member).toString(36)}.${Math.floor(this.#options.random() * 2 ** 48).toString(36)}`;
  }

  #newMember(highestSeen: number): MemberId {
    const { id, clock, random } = this.#options;
    return memberId(id, newIncarnation(clock.wallTime(), random, highestSeen));
  }
}

import type { Clock, Random } from '../ports/clock.js';
import { newIncarnation } from './incarnation.js';
import { incarnationOf, type MemberId, memberId } from './member-id.js';

export interface IdentityOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly random: Random;
}

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
    return this.#resumed?.member === this.#member ? this.#resumed.run : this.#member;
  }

  /** Takes part as a new member, of a higher incarnation than this one. */
  renew(highestSeen: number): void {
    this.#member = this.#newMember(highestSeen);
  }

  /** Goes on as a member that an earlier process was. */
  resume(member: MemberId): void {
    this.#member = member;
    this.#resumed = { member, run: this.#newMember(incarnationOf(member)) };
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

import type { Configuration } from '../core/configuration.js';
import { majority, membersOf } from '../core/configuration.js';
import { idOf, incarnationOf, type MemberId } from '../identity/member-id.js';
import type { GridMessage } from './messages.js';
import type { Binding } from './search.js';

export interface WelcomeOptions {
  readonly self: MemberId;
  readonly binding: Binding;
  readonly intervalInMs: number;
  readonly now: number;
}

/** Who is taken for gone may be heard again for so many intervals: a second process of its id may have come and gone. */
const goneAfterIntervals = 20;

/** What a bound member knows of its grid when it answers. */
export interface GridView {
  readonly configuration: Configuration;
  readonly leader: MemberId | undefined;
  /** Nothing but what leaders begin their terms with is in the log. */
  readonly isUnused: boolean;
}

/**
 * What a bound member tells those that are not, as a pure state machine: the offer is repeated to everyone it names until they
 * are seen in the grid; whoever else asks is told that a grid runs. Rule 3 of the architecture.
 */
export class GridWelcome {
  readonly #options: WelcomeOptions;
  readonly #messages: GridMessage[] = [];
  readonly #unseen: Set<MemberId>;
  /** Members of this grid that are taken for gone, and since when: a newer incarnation was heard, or it is bound elsewhere. */
  readonly #lost = new Map<MemberId, number>();
  readonly #otherGrids = new Set<string>();
  #nextRound: number;
  #now: number;

  constructor(options: WelcomeOptions) {
    this.#options = options;
    this.#now = options.now;
    const { members, joining } = options.binding;
    this.#unseen = new Set(joining ? [] : members.filter((member) => member !== options.self));
    this.#nextRound = options.now;
  }

  get nextDeadline(): number {
    return this.#unseen.size > 0 ? this.#nextRound : Number.POSITIVE_INFINITY;
  }

  /** Ids of grids with this name that are not this one. */
  get otherGrids(): ReadonlySet<string> {
    return this.#otherGrids;
  }

  takeMessages(): GridMessage[] {
    return this.#messages.splice(0);
  }

  /** A frame or an offer of this grid came from a member: it is bound. */
  seen(member: MemberId): void {
    this.#unseen.delete(member);
    this.#lost.delete(member);
  }

  tick(now: number): void {
    this.#now = Math.max(this.#now, now);
    if (this.#unseen.size === 0 || this.#now < this.#nextRound) return;
    this.#nextRound = this.#now + this.#options.intervalInMs;
    for (const member of this.#unseen) this.#offer(idOf(member));
  }

  step(message: GridMessage, view: GridView, now: number): void {
    this.#now = Math.max(this.#now, now);
    const { self, binding } = this.#options;
    const { from } = message;
    const gridId = 'gridId' in message ? message.gridId : undefined;
    if (gridId !== undefined && gridId !== binding.gridId) this.#meet(gridId, from);
    else this.#lost.delete(from);
    this.#supersede(from);
    switch (message.type) {
      case 'bootstrap-offer':
        // Followers send each other nothing else, and would offer the grid for ever.
        if (gridId === binding.gridId) this.seen(from);
        return;
      case 'hello':
        if (gridId !== binding.gridId) this.#answer(from, view);
        return;
      case 'bootstrap-request': {
        const { nonce } = message;
        const to = idOf(from);
        const { gridId } = binding;
        this.#messages.push({
          type: 'bootstrap-response',
          from: self,
          to,
          nonce,
          agreed: false,
          gridId,
          base: undefined,
        });
        return this.#answer(from, view);
      }
    }
  }

  /** Two grids of one name do not merge. */
  #meet(gridId: string, from: MemberId): void {
    this.#otherGrids.add(gridId);
    if (this.#options.binding.members.includes(from)) this.#lose(from);
  }

  /**
   * Whether this grid can never come to life, and holds nothing: so many of its members are gone that no majority is left, and
   * this one has seen no command. It may then be given up for a new incarnation, which loses nothing.
   */
  isHopeless({ configuration, isUnused }: GridView): boolean {
    const goneSince = this.#now - goneAfterIntervals * this.#options.intervalInMs;
    const left = configuration.voters.filter(
      (voter) => (this.#lost.get(voter) ?? Number.POSITIVE_INFINITY) > goneSince,
    );
    return isUnused && left.length < majority(configuration.voters.length);
  }

  #lose(member: MemberId): void {
    if (!this.#lost.has(member)) this.#lost.set(member, this.#now);
  }

  #supersede(member: MemberId): void {
    for (const named of this.#options.binding.members) {
      if (idOf(named) === idOf(member) && incarnationOf(named) < incarnationOf(member)) {
        this.#lose(named);
        this.#unseen.delete(named);
      }
    }
  }

  #answer(from: MemberId, { configuration, leader }: GridView): void {
    const { self, binding } = this.#options;
    const named = binding.members.includes(from) && membersOf(configuration).includes(from);
    if (named) return this.#offer(idOf(from));
    this.#messages.push({
      type: 'grid-states',
      from: self,
      to: idOf(from),
      gridId: binding.gridId,
      configuration,
      leader,
    });
  }

  #offer(to: string): void {
    const { self, binding } = this.#options;
    const { gridId, members, gridBase: base } = binding;
    this.#messages.push({ type: 'bootstrap-offer', from: self, to, gridId, members, base });
  }
}

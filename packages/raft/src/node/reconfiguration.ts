import type { EventEmitter } from 'eventemitter3';
import { isMember, membersOf } from '../core/configuration.js';
import { NotLeaderError, type RaftError, UnavailableError } from '../errors.js';
import { idOf, type MemberId } from '../identity/member-id.js';
import type { Affiliation } from './affiliation.js';
import type { RaftNodeEvents } from './events.js';
import type { Leadership } from './leadership.js';
import type { Membership } from './membership.js';
import type { ResolvedOptions } from './options.js';
import { successorOf } from './successor.js';
import { type Wait, waitFor } from './waiting.js';

/**
 * What an application asks of the grid about its members, and about who leads it: asked again and again until it is so, or until this
 * node ends.
 */
export class Reconfiguration {
  #left: MemberId | undefined;
  /** Those who wait until this member has left: one answer is for all of them. */
  readonly #leaving = new Set<() => void>();
  /** Ends each wait. */
  readonly #waits = new Set<(error: RaftError) => void>();

  constructor(
    private readonly options: Pick<ResolvedOptions, 'id' | 'clock' | 'timing' | 'requestTimeoutInMs'>,
    private readonly affiliation: Affiliation,
    private readonly leadership: Leadership,
    private readonly events: EventEmitter<RaftNodeEvents>,
  ) {}

  /** As whom this member left its grid. */
  get left(): MemberId | undefined {
    return this.#left;
  }

  async leave(wait: Wait): Promise<void> {
    if (!this.affiliation.membership) return;
    let left = (): void => {};
    await this.#wait<void>(wait, 'the grid did not confirm the leaving in time', (resolve) => {
      left = resolve;
      this.#leaving.add(left);
      this.affiliation.leave((outcome) => this.#onLeaveAnswer(outcome));
    }).finally(() => {
      this.#leaving.delete(left);
      if (this.#leaving.size === 0) this.affiliation.leave(undefined);
    });
  }

  #onLeaveAnswer(outcome: string): void {
    if (outcome === 'accepted') this.#left = this.affiliation.member;
    if (outcome === 'accepted' || outcome === 'last-voter') for (const left of this.#leaving) left();
  }

  async add(id: string, { learner = false, ...wait }: { readonly learner?: boolean } & Wait): Promise<void> {
    const membership = this.#asLeader();
    const { core } = membership.replica;
    const isDone = (): boolean => {
      const { configuration, log } = core;
      const members = learner ? membersOf(configuration) : configuration.voters;
      return log.configurationIndex <= log.commitIndex && members.some((member) => idOf(member) === id);
    };
    await this.#untilConfigured(isDone, `${id} was not admitted in time`, wait, () => {
      const present = core.configuration.learners.find((member) => idOf(member) === id);
      if (present !== undefined && !learner) membership.promote(present);
    });
  }

  async remove(id: string, wait: Wait): Promise<void> {
    const membership = this.#asLeader();
    if (id === this.options.id) return this.leave(wait);
    const { core } = membership.replica;
    const member = membersOf(core.configuration).find((other) => idOf(other) === id);
    if (member === undefined) return;
    const isDone = (): boolean => {
      const { configuration, log } = core;
      return !isMember(configuration, member) && log.configurationIndex <= log.commitIndex;
    };
    await this.#untilConfigured(isDone, `${id} was not removed in time`, wait, () => membership.remove(member));
  }

  async transferLeadership(to: string | undefined, wait: Wait): Promise<void> {
    const replica = this.affiliation.membership?.replica;
    const now = this.options.clock.now();
    const target = replica && successorOf(replica.core, now, () => true, to);
    if (!replica || !target || !replica.core.transferLeadership(target, now)) {
      throw new UnavailableError('there is no leadership to transfer from here to there');
    }
    replica.wake();
    let done: (leader: string | undefined) => void = () => {};
    await this.#wait<void>(wait, 'leadership was not taken over in time', (resolve) => {
      done = (leader) => {
        if (leader !== undefined && leader !== this.options.id) resolve();
      };
      this.events.on('leader-changed', done);
    }).finally(() => this.events.off('leader-changed', done));
  }

  /** Nothing that is waited for will come any more. */
  end(error: RaftError): void {
    for (const reject of this.#waits) reject(error);
  }

  #asLeader(): Membership {
    const { membership } = this.affiliation;
    if (!membership || this.leadership.state !== 'leader') throw new NotLeaderError(this.leadership.leaderId);
    return membership;
  }

  /** Asks for something again and again until the configuration shows it. */
  async #untilConfigured(isDone: () => boolean, late: string, wait: Wait, ask: () => void): Promise<void> {
    const { clock, timing } = this.options;
    let cancel: (() => void) | undefined;
    let look = (): void => {};
    await this.#wait<void>(wait, late, (resolve, reject) => {
      look = () => {
        cancel?.();
        if (isDone()) return resolve();
        if (this.leadership.state !== 'leader') return reject(new NotLeaderError(this.leadership.leaderId));
        ask();
        cancel = clock.setTimer(look, timing.heartbeatInMs / 4);
      };
      // Whoever stops leads no more, and leaves no timer behind.
      this.events.on('leader-changed', look);
      look();
    }).finally(() => {
      this.events.off('leader-changed', look);
      cancel?.();
    });
  }

  #wait<T>(
    wait: Wait,
    late: string,
    begin: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  ): Promise<T> {
    const { clock, requestTimeoutInMs } = this.options;
    const limited = { timeoutInMs: requestTimeoutInMs, ...wait };
    let end: (error: RaftError) => void = () => {};
    return waitFor<T>(
      clock,
      limited,
      () => new UnavailableError(late),
      (resolve, reject) => {
        end = reject;
        this.#waits.add(end);
        begin(resolve, reject);
      },
    ).finally(() => this.#waits.delete(end));
  }
}

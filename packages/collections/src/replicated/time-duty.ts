import { MessageType } from '@hamok/messages';
import type { Clock } from '../clock.js';
import type { MemberId } from '../consensus.js';
import { encodeLeaderCommand } from './command.js';
import type { LogClock } from './log-clock.js';

export interface TimeDutyOptions {
  readonly clock: Clock;
  readonly self: () => MemberId;
  readonly propose: (command: Uint8Array) => Promise<unknown>;
}

/** After a proposal that failed. */
const retryInMs = 100;

/**
 * A leader's duty to let log time pass while nothing else is logged: when the earliest deadline has come by its own clock, it
 * proposes one entry that does nothing, and what is due at the time of that entry is carried out. A proposal that comes too early, or
 * after the leadership has ended, does no harm: what counts is the stamp that the engine gives the entry.
 */
export class TimeDuty {
  #term: number | undefined;
  #earliest = Number.POSITIVE_INFINITY;
  #dueAt = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #proposing = false;
  #closed = false;

  constructor(
    private readonly logClock: LogClock,
    private readonly options: TimeDutyOptions,
  ) {}

  leading(term: number | undefined): void {
    this.#term = term;
    if (term === undefined) this.#stop();
    else this.#arm();
  }

  /** What is due next, in ms of log time. To be told after each entry. */
  next(earliest: number): void {
    this.#earliest = earliest;
    if (earliest < this.#dueAt) this.#arm();
  }

  /** For good. */
  close(): void {
    this.#closed = true;
    this.#stop();
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    if (this.#term === undefined || this.#closed || this.#proposing || this.#earliest === Number.POSITIVE_INFINITY)
      return;
    this.#wait(this.#earliest - this.logClock.now());
    this.#dueAt = this.#earliest;
  }

  /** A deadline that was put off or dropped meanwhile leaves its timer behind, which then waits for the next one. */
  #fire(): void {
    this.#cancel = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
    if (this.#earliest > this.logClock.now()) this.#arm();
    else if (this.#term !== undefined) void this.#advance(this.#term);
  }

  async #advance(term: number): Promise<void> {
    this.#proposing = true;
    try {
      const command = { leader: this.options.self(), term, type: MessageType.ADVANCE_TIME_REQUEST };
      await this.options.propose(encodeLeaderCommand(command));
      this.#proposing = false;
      this.#arm();
    } catch {
      this.#proposing = false;
      if (this.#term !== undefined && !this.#closed) this.#wait(retryInMs);
    }
  }

  #wait(delayInMs: number): void {
    this.#cancel?.();
    this.#cancel = this.options.clock.setTimer(() => this.#fire(), Math.max(1, Math.ceil(delayInMs)));
  }
}

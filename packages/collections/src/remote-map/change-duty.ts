import { MessageType } from '@hamok/messages';
import type { Clock } from '../clock.js';
import type { MemberId } from '../consensus.js';
import { type HamokError, StorageFailedError } from '../errors.js';
import { Pauses } from '../pauses.js';
import { encodeLeaderCommand } from '../replicated/command.js';
import { ForeignLedger } from './carry-out-once.js';
import { failureOf, isUnavailable, tooLargeToTell } from './change-failures.js';
import type { ChangeMaker } from './change-maker.js';
import { encodeOutcome } from './change-outcome.js';
import { type LeaderSays, OutcomeTeller } from './outcome-teller.js';
import type { PendingChange } from './pending-change.js';
import { maxOutcomeBytes, type RemoteMapState } from './remote-map-state.js';

export interface ChangeDutyOptions {
  readonly mapId: string;
  readonly clock: Clock;
  readonly self: () => MemberId;
  readonly propose: (command: Uint8Array) => Promise<unknown>;
  /** Bytes that the values of one command may take. */
  readonly partBytes: number;
  /** Longest time for one change, with all its attempts. */
  readonly storageTimeoutInMs: number;
  readonly maker: ChangeMaker;
  readonly onError: (error: HamokError) => void;
}

/** How far the storage may be ahead of the log, which is what a leader that is lost may have made in vain: so many changes, of so long. */
const mostUntold = 64;
const longestUntoldInMs = 5;
/** After a proposal that failed. */
const retryInMs = 100;
const firstBackoffInMs = 100;
const maxBackoffInMs = 5000;

/**
 * A leader's duty to make the changes of a remote map, one after another, and to put their outcomes into the log. It waits for the log
 * when it is too far ahead of it, and after each change where changes are made once. While the storage is not to be reached it tries
 * again, for the time that a change has; what else a storage rejects with is the outcome of that change.
 */
export class ChangeDuty {
  #state: RemoteMapState | undefined;
  #term: number | undefined;
  #closed = false;
  #working = false;
  /** The change that is being tried again, and since when. */
  #failing: { readonly change: PendingChange; readonly since: number } | undefined;
  #backoffInMs = firstBackoffInMs;
  #goOn: () => void = () => undefined;
  /** Of the change that is under way at the storage. */
  #cancelTimeout: () => void = () => undefined;
  readonly #pauses: Pauses;
  readonly #teller: OutcomeTeller;

  constructor(private readonly options: ChangeDutyOptions) {
    this.#pauses = new Pauses(options.clock);
    this.#teller = new OutcomeTeller({
      propose: (command) => this.#propose(command),
      isLeading: () => this.#isLeading,
      appliedIndex: () => this.#state?.appliedIndex ?? -1,
      partBytes: options.partBytes,
      pauses: this.#pauses,
      onProgress: () => this.#goOn(),
    });
  }

  attach(state: RemoteMapState | undefined): void {
    this.#state = state;
    this.#teller.forget();
    this.notice();
  }

  leading(term: number | undefined): void {
    this.#term = term;
    this.#pauses.endAll();
    this.notice();
  }

  /** There may be something to do. */
  notice(): void {
    this.#goOn();
    if (!this.#working && this.#isDue) void this.#work();
  }

  /** For good. What is under way at the storage comes to its end there. */
  close(): void {
    this.#closed = true;
    this.#pauses.endForGood();
    this.#cancelTimeout();
    this.#goOn();
  }

  get #isLeading(): boolean {
    return !this.#closed && this.#term !== undefined;
  }

  get #isDue(): boolean {
    return this.#isLeading && (this.#state?.pending.length ?? 0) > 0;
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#isDue) {
      const change = this.#isTooFarAhead() ? undefined : this.#state?.pending.at(this.#teller.untold);
      if (change === undefined) await this.#progress();
      else if (this.options.maker.isOnce && this.#state?.ledger === '') await this.#takeOver('');
      else await this.#make(change);
    }
    this.#working = false;
  }

  #isTooFarAhead(): boolean {
    const { untold, oldest } = this.#teller;
    const most = this.options.maker.isOnce ? 1 : mostUntold;
    return untold >= most || this.options.clock.now() - oldest >= longestUntoldInMs;
  }

  /** Until something was told, or something else has changed. */
  #progress(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  async #make(change: PendingChange): Promise<void> {
    const state = this.#state;
    if (state === undefined) return;
    const encoded = await this.#outcomeOf(change, state);
    // A state that was taken over meanwhile begins anew.
    if (encoded === undefined || state !== this.#state || change !== state.pending.at(this.#teller.untold)) return;
    this.#teller.tell({ index: change.index, at: this.options.clock.now(), encoded });
  }

  /** Undefined where the change is still to be made. */
  async #outcomeOf(change: PendingChange, state: RemoteMapState): Promise<Uint8Array | undefined> {
    try {
      const outcome = await this.#within(this.options.maker.make(change, state));
      this.#backoffInMs = firstBackoffInMs;
      if (outcome instanceof ForeignLedger) return void (await this.#takeOver(outcome.name));
      const encoded = encodeOutcome(change.index, outcome);
      const { length } = encoded;
      return length <= maxOutcomeBytes ? encoded : encodeOutcome(change.index, tooLargeToTell(length));
    } catch (error) {
      if (isUnavailable(error) && !this.#hasExpired(change)) return void (await this.#holdOff(error));
      return encodeOutcome(change.index, failureOf(error));
    }
  }

  /** Whether a change that failed has been tried for as long as it may be. */
  #hasExpired(change: PendingChange): boolean {
    const now = this.options.clock.now();
    if (this.#failing?.change !== change) this.#failing = { change, since: now };
    return now - this.#failing.since >= this.options.storageTimeoutInMs;
  }

  async #holdOff(cause: unknown): Promise<void> {
    const { mapId, onError } = this.options;
    if (this.#backoffInMs === firstBackoffInMs)
      onError(new StorageFailedError(`the storage of "${mapId}" is not to be reached`, 'unavailable', true, cause));
    await this.#pauses.pause(this.#backoffInMs);
    this.#backoffInMs = Math.min(2 * this.#backoffInMs, maxBackoffInMs);
  }

  async #takeOver(from: string): Promise<void> {
    const type = MessageType.REMOTE_MAP_TAKE_OVER_REQUEST;
    if (!(await this.#propose({ type, dedupId: from }))) await this.#pauses.pause(retryInMs);
  }

  async #propose(command: LeaderSays): Promise<boolean> {
    const { mapId: storageId, self, propose } = this.options;
    if (this.#term === undefined) return false;
    try {
      await propose(encodeLeaderCommand({ ...command, leader: self(), term: this.#term, storageId }));
      return true;
    } catch {
      return false;
    }
  }

  #within<T>(call: Promise<T>): Promise<T> {
    const { clock, storageTimeoutInMs } = this.options;
    return new Promise((resolve, reject) => {
      const error = () => new StorageFailedError(`no answer within ${storageTimeoutInMs} ms`, 'timeout', true);
      this.#cancelTimeout = clock.setTimer(() => reject(error()), storageTimeoutInMs);
      call.then(resolve, reject).finally(this.#cancelTimeout);
    });
  }
}

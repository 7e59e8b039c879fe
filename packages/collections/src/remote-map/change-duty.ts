import { MessageType } from '@hamok/messages';
import type { Clock } from '../clock.js';
import type { MemberId } from '../consensus.js';
import { codeOf, type HamokError, isCertain, StorageFailedError } from '../errors.js';
import { encodeLeaderCommand, type LeaderCommandInit } from '../replicated/command.js';
import { ForeignLedger } from './carry-out-once.js';
import type { ChangeMaker } from './change-maker.js';
import { type ChangeFailure, encodeOutcome } from './change-outcome.js';
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

/** Changes whose outcomes are told together, where they take less time than that: what a leader that is lost may have made in vain. */
const longestRun = 64;
const longestRunInMs = 5;
/** After a proposal that failed. */
const retryInMs = 100;
const firstBackoffInMs = 100;
const maxBackoffInMs = 5000;

/**
 * A leader's duty to make the changes of a remote map: one after another, and on with the next when their outcomes are in the log. While
 * the storage is not to be reached, it tries again, for the time that a change has; what else a storage rejects with is the outcome
 * of that change.
 */
export class ChangeDuty {
  #state: RemoteMapState | undefined;
  #term: number | undefined;
  #closed = false;
  #working = false;
  /** The change that is being tried again, and since when. */
  #failing: { readonly change: PendingChange; readonly since: number } | undefined;
  #backoffInMs = firstBackoffInMs;
  #wakeUp: (() => void) | undefined;

  constructor(private readonly options: ChangeDutyOptions) {}

  attach(state: RemoteMapState | undefined): void {
    this.#state = state;
    this.notice();
  }

  leading(term: number | undefined): void {
    this.#term = term;
    this.#wakeUp?.();
    this.notice();
  }

  /** There may be something to do. */
  notice(): void {
    if (!this.#working && this.#next() !== undefined) void this.#work();
  }

  /** For good. What is under way at the storage comes to its end there. */
  close(): void {
    this.#closed = true;
    this.#wakeUp?.();
  }

  /** The first change, while it is for this member to make it. */
  #next(): PendingChange | undefined {
    return this.#closed || this.#term === undefined ? undefined : this.#state?.pending.at(0);
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let first = this.#next(); first !== undefined; first = this.#next()) {
      if (this.options.maker.isOnce && this.#state?.ledger === '') {
        await this.#takeOver('');
        continue;
      }
      const outcomes = await this.#run(first);
      if (outcomes.length > 0) await this.#tell(first, outcomes);
    }
    this.#working = false;
  }

  /** Makes changes from the first on, as long as this goes quickly. Gives their encoded outcomes. */
  async #run(first: PendingChange): Promise<Uint8Array[]> {
    const { clock, maker, partBytes } = this.options;
    const began = clock.now();
    const outcomes: Uint8Array[] = [];
    let bytes = 0;
    for (let change: PendingChange | undefined = first; change !== undefined; ) {
      const outcome = await this.#make(change);
      if (outcome === undefined) break;
      outcomes.push(outcome);
      bytes += outcome.length;
      const isLong = maker.isOnce || outcomes.length === longestRun || bytes > partBytes;
      if (isLong || clock.now() - began >= longestRunInMs || this.#next() !== first) break;
      change = this.#state?.pending.at(outcomes.length);
    }
    return outcomes;
  }

  /** Its encoded outcome; undefined where there is none yet. */
  async #make(change: PendingChange): Promise<Uint8Array | undefined> {
    const state = this.#state;
    if (state === undefined) return undefined;
    try {
      const outcome = await this.#within(this.options.maker.make(change, state));
      this.#backoffInMs = firstBackoffInMs;
      if (outcome instanceof ForeignLedger) return void (await this.#takeOver(outcome.name));
      const encoded = encodeOutcome(change.index, outcome);
      return encoded.length <= maxOutcomeBytes ? encoded : encodeOutcome(change.index, tooLarge(encoded.length));
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

  async #tell(first: PendingChange, outcomes: readonly Uint8Array[]): Promise<void> {
    const bytes = concatenated(outcomes);
    const { partBytes } = this.options;
    while (this.#next() === first) {
      let arrived = true;
      for (let offset = 0; arrived && offset < bytes.length; offset += partBytes) {
        const values = [bytes.subarray(offset, offset + partBytes)];
        const type = MessageType.REMOTE_MAP_OUTCOMES_REQUEST;
        arrived = await this.#propose({ type, values, tickets: [offset, bytes.length] });
      }
      if (arrived && this.#next() !== first) return;
      await this.#pause(retryInMs);
    }
  }

  async #takeOver(from: string): Promise<void> {
    const type = MessageType.REMOTE_MAP_TAKE_OVER_REQUEST;
    if (!(await this.#propose({ type, dedupId: from }))) await this.#pause(retryInMs);
  }

  /** Whether it is in the log, and applied here. */
  async #propose(command: Pick<LeaderCommandInit, 'type' | 'values' | 'tickets' | 'dedupId'>): Promise<boolean> {
    const { mapId: storageId, self, propose } = this.options;
    if (this.#term === undefined) return false;
    try {
      await propose(encodeLeaderCommand({ ...command, leader: self(), term: this.#term, storageId }));
      return true;
    } catch {
      return false;
    }
  }

  async #holdOff(cause: unknown): Promise<void> {
    const { mapId, onError } = this.options;
    if (this.#backoffInMs === firstBackoffInMs)
      onError(new StorageFailedError(`the storage of "${mapId}" is not to be reached`, 'unavailable', true, cause));
    await this.#pause(this.#backoffInMs);
    this.#backoffInMs = Math.min(2 * this.#backoffInMs, maxBackoffInMs);
  }

  /** Ends early with the leadership. */
  #pause(delayInMs: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.options.clock.setTimer(() => this.#wakeUp?.(), delayInMs);
      this.#wakeUp = () => {
        cancel();
        this.#wakeUp = undefined;
        resolve();
      };
    });
  }

  #within<T>(call: Promise<T>): Promise<T> {
    const { clock, storageTimeoutInMs } = this.options;
    return new Promise((resolve, reject) => {
      const error = () => new StorageFailedError(`no answer within ${storageTimeoutInMs} ms`, 'timeout', true);
      const cancel = clock.setTimer(() => reject(error()), storageTimeoutInMs);
      call.then(resolve, reject).finally(cancel);
    });
  }
}

/** Of the network between the leader and the database, as Node.js names them; and what a storage says that is not there. */
const unavailable: ReadonlySet<string> = new Set([
  'storage-unavailable',
  'unavailable',
  'closed',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

function isUnavailable(error: unknown): boolean {
  return unavailable.has(codeOf(error) ?? '');
}

function failureOf(error: unknown): ChangeFailure {
  if (error instanceof StorageFailedError)
    return { code: error.reason, message: error.message, mayHaveHappened: error.mayHaveHappened };
  const message = (error instanceof Error ? error.message : String(error)).slice(0, longestMessage);
  return { code: codeOf(error) ?? 'unknown', message, mayHaveHappened: !isCertain(error) };
}

const longestMessage = 1000;

function tooLarge(bytes: number): ChangeFailure {
  const message = `made, but the ${bytes} bytes that were there before are too many to be told`;
  return { code: 'too-large', message, mayHaveHappened: true };
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

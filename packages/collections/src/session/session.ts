import { MessageType } from '@hamok/messages';
import { requireWait } from '../arguments.js';
import type { Clock } from '../clock.js';
import type { Consensus, MemberId } from '../consensus.js';
import {
  BadCommandError,
  BusyError,
  ClosedError,
  codeOf,
  type HamokError,
  IndeterminateError,
  isCertain,
  NotCommittedError,
  reasonOf,
  sessionClosed,
  TooLargeError,
} from '../errors.js';
import { Fifo } from '../fifo.js';
import { finalRefusals } from '../replicated/admission.js';
import { type CommandInit, encodeCommand, type StorageTarget } from '../replicated/command.js';
import type { SessionObserver } from '../replicated/replicated-session.js';
import type { Result } from '../replicated/result.js';
import { Call, type CallOptions, type SubmitOptions } from './call.js';
import { Ticker } from './ticker.js';

export interface SessionOptions {
  readonly clock: Clock;
  /** Changes of this member that may wait for their outcome at once, from 1. */
  readonly maxInFlight: number;
  /** Bytes that an encoded command may have. */
  readonly maxCommandBytes: number;
  readonly requestTimeoutInMs: number;
  /** What finding a grid takes, in ms. */
  readonly entryTimeInMs: () => number;
}

const firstBackoffInMs = 5;
const maxBackoffInMs = 500;

/**
 * This member's end of its session: numbers its commands, proposes them in order, again and again until they are applied
 * here, and answers each caller with the result that its own command had when it was applied.
 */
export class Session implements SessionObserver {
  readonly #consensus: Consensus;
  readonly #options: SessionOptions;
  readonly #ticker: Ticker;
  /** Submitted, but without a place in the session yet. */
  readonly #drafts = new Fifo<Call>();
  /** Proposed and not applied here, in the order of their sequences, without gaps. */
  readonly #window = new Fifo<Call>();
  #nextSequence = 1;
  #sourceId = '';
  #sourceIncarnation = 0;
  #open = false;
  #closed = false;
  #failure: Error | undefined;
  readonly #failureListeners = new Set<(failure: Error) => void>();
  #backoffInMs = firstBackoffInMs;
  #cancelResend: (() => void) | undefined;

  constructor(consensus: Consensus, options: SessionOptions) {
    this.#consensus = consensus;
    this.#options = options;
    this.#ticker = new Ticker(options.clock, {
      waiting: () => this.#calls(),
      expire: (call) => this.#expire(call),
      stalled: () => this.#resend(),
    });
  }

  /** What stopped the engine for good: calls are refused with it. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** The bytes that the keys and values of one command may take together, `bytesAListItem` counted for each. */
  get batchBytes(): number {
    return Math.max(0, this.#options.maxCommandBytes - batchReserve);
  }

  /** What a command is refused with for its size, if it is. */
  tooLarge(target: StorageTarget, command: CommandInit): TooLargeError | undefined {
    const { maxCommandBytes } = this.#options;
    const bytes = sizeOf(target, command, this.#consensus.self);
    return bytes > maxCommandBytes ? new TooLargeError(bytes, maxCommandBytes) : undefined;
  }

  /** How long a call may wait that does not say it: before this member is in a grid, as much longer as finding one takes. */
  limitInMs(requestTimeoutInMs = this.#options.requestTimeoutInMs): number {
    return this.#open ? requestTimeoutInMs : requestTimeoutInMs + this.#options.entryTimeInMs();
  }

  /**
   * Submits a change. Resolves with what `read` makes of its result, once it is applied on this member. Calls made one after
   * another are applied in that order.
   *
   * Rejects with `BusyError`, `TooLargeError`, `ClosedError` before anything was sent; with `NotCommittedError` when the
   * change was certainly not made; with `IndeterminateError` when the wait ended first; and with what `read` throws.
   *
   * @param late called instead of `read` for a change that is made after the wait ended
   */
  submit<T>(
    target: StorageTarget,
    command: CommandInit,
    read: (result: Result) => T,
    options?: SubmitOptions,
    late?: (result: Result) => void,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const call = new Call(
        target,
        command,
        (result) => {
          try {
            resolve(read(result));
          } catch (error) {
            reject(error);
          }
        },
        reject,
        late,
      );
      requireWait(options);
      const refusal = this.#refusal(target, command, options);
      if (refusal !== undefined) return reject(refusal);
      this.#await(call, options);
      if (this.#open && this.#drafts.length === 0 && this.#hasRoom()) this.#enter(call);
      else this.#drafts.push(call);
    });
  }

  /** For what waits without a call, until the returned function is called. */
  onFailed(listener: (failure: Error) => void): () => void {
    this.#failureListeners.add(listener);
    return () => this.#failureListeners.delete(listener);
  }

  /** The engine is started. */
  begin(): void {
    this.#failure = undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#open = false;
    this.#ticker.stop();
    this.#cancelResend?.();
    for (const call of [...this.#window.drain(), ...this.#drafts.drain()])
      call.reject(new ClosedError('the grid', call.exposed));
  }

  opened(member: MemberId, lastApplied: number): void {
    if (this.#closed) return;
    const at = member.lastIndexOf('@');
    this.#sourceId = member.slice(0, at);
    this.#sourceIncarnation = Number(member.slice(at + 1));
    this.#nextSequence = lastApplied + 1;
    this.#open = true;
    this.#enterDrafts();
  }

  applied(sequence: number, result: Result): void {
    // A command of an earlier life of this incarnation, replayed from its disk: its caller is gone.
    if (sequence >= this.#nextSequence) this.#nextSequence = sequence + 1;
    if (this.#window.at(0)?.sequence !== sequence) return;
    const call = this.#window.shift();
    if (call === undefined) return;
    call.done = true;
    this.#backoffInMs = firstBackoffInMs;
    if (this.#drafts.length > 0) this.#enterDrafts();
    call.resolve(result);
  }

  closed(member: MemberId): void {
    this.#open = false;
    for (const call of this.#window.drain()) {
      call.done = true;
      call.reject(sessionClosed(member, call.exposed));
    }
  }

  failed(failure: Error): void {
    this.#failure = failure;
    this.#open = false;
    this.#cancelResend?.();
    this.#cancelResend = undefined;
    for (const call of [...this.#window.drain(), ...this.#drafts.drain()]) {
      call.done = true;
      call.reject(
        call.exposed ? new IndeterminateError(`its outcome is not known: ${failure.message}`, failure) : failure,
      );
    }
    for (const listener of this.#failureListeners) listener(failure);
  }

  #refusal(target: StorageTarget, command: CommandInit, options: SubmitOptions | undefined): Error | undefined {
    if (this.#closed) return new ClosedError('the grid');
    if (this.#failure !== undefined) return this.#failure;
    if (options?.signal?.aborted === true)
      return new NotCommittedError('aborted before it was sent', 'aborted', options.signal.reason);
    if (options?.reserved !== true && this.#drafts.length + this.#window.length >= this.#options.maxInFlight)
      return new BusyError(this.#options.maxInFlight);
    return this.tooLarge(target, command);
  }

  #await(call: Call, options: CallOptions | undefined): void {
    const timeoutInMs = options?.timeoutInMs ?? this.limitInMs();
    this.#ticker.watch(call, timeoutInMs);
    const signal = options?.signal;
    if (signal === undefined) return;
    const onAbort = () => this.#abandon(call, 'aborted', signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    call.stopListening = () => signal.removeEventListener('abort', onAbort);
  }

  #hasRoom(): boolean {
    return this.#window.length < this.#options.maxInFlight;
  }

  #enterDrafts(): void {
    while (this.#open && this.#hasRoom()) {
      const call = this.#drafts.shift();
      if (call === undefined) return;
      this.#enter(call);
    }
  }

  #enter(call: Call): void {
    call.sequence = this.#nextSequence++;
    this.#window.push(call);
    if (call.command !== undefined) call.bytes = this.#encode(call.target, call.command, call.sequence);
    call.command = undefined;
    this.#propose(call);
  }

  #encode(target: StorageTarget | undefined, command: CommandInit, sequence: number): Uint8Array {
    const acknowledged = this.#nextSequence - 1 - this.#window.length;
    return encodeCommand(target, command, this.#sourceId, this.#sourceIncarnation, sequence, acknowledged);
  }

  #propose(call: Call): void {
    if (call.bytes === undefined) return;
    call.mustResend = false;
    call.pending++;
    const attempt = ++call.attempt;
    this.#consensus.propose(call.bytes).then(
      () => this.#committed(call, attempt),
      (error: unknown) => this.#rejected(call, attempt, error),
    );
  }

  /** Committed, and applied as a no-op unless `applied` came first: one before it was missing. */
  #committed(call: Call, attempt: number): void {
    call.pending--;
    if (!call.done && attempt === call.attempt) this.#resendLater(call);
  }

  #rejected(call: Call, attempt: number, error: unknown): void {
    call.pending--;
    if (call.done) return;
    const reason = reasonOf(error) ?? codeOf(error) ?? '';
    if (!isCertain(error) || reason === 'duplicate') call.mayBeLogged = true;
    if (attempt !== call.attempt) return;
    if (finalRefusals.has(reason) && this.#isFirstToResend(call)) this.#replace(call, refused(call, reason, error));
    this.#resendLater(call);
  }

  /** An engine may refuse what follows a refused command with the same code: only the first one is meant. */
  #isFirstToResend(call: Call): boolean {
    for (const earlier of this.#window) {
      if (earlier === call) return true;
      if (earlier.mustResend) return false;
    }
    return false;
  }

  #resendLater(call: Call): void {
    call.mustResend = true;
    if (this.#cancelResend !== undefined || this.#closed) return;
    this.#cancelResend = this.#options.clock.setTimer(() => {
      this.#cancelResend = undefined;
      this.#resend(true);
    }, this.#backoffInMs);
    this.#backoffInMs = Math.min(this.#backoffInMs * 2, maxBackoffInMs);
  }

  /** Proposes again, in order, everything from the first that must be; or everything. What is applied twice has one effect. */
  #resend(onlyWhatMust = false): void {
    if (!this.#open) return;
    let resending = !onlyWhatMust;
    for (const call of this.#window.toArray()) {
      resending ||= call.mustResend;
      if (resending && !call.done) this.#propose(call);
    }
  }

  #expire(call: Call): void {
    this.#abandon(call, 'timed out', undefined);
  }

  /** Ends the wait of a caller. A change that was certainly not logged is withdrawn. */
  #abandon(call: Call, what: string, cause: unknown): void {
    if (call.ended) return;
    if (call.sequence === 0) {
      this.#drafts.remove(call);
      call.reject(new NotCommittedError(`${what} before it was sent: this member is in no grid`, 'no-session', cause));
    } else if (call.exposed) {
      call.reject(new IndeterminateError(`${what} before its outcome was known`, cause));
    } else {
      this.#replace(call, new NotCommittedError(`${what} before the grid took it`, 'withdrawn', cause));
    }
  }

  /** Ends a call, and puts a command that does nothing in its place, for a session has no gaps. */
  #replace(call: Call, error: HamokError): void {
    call.bytes = this.#encode(undefined, { type: MessageType.NO_OP_REQUEST }, call.sequence);
    call.reject(error);
  }

  *#calls(): Iterable<Call> {
    yield* this.#window;
    yield* this.#drafts;
  }
}

function refused(call: Call, reason: string, cause: unknown): HamokError {
  if (call.exposed) return new IndeterminateError(`refused as ${reason} after its outcome was unknown`, cause);
  if (reason === 'bad-command') return new BadCommandError('the grid refused a malformed command', { cause });
  return new NotCommittedError(`the grid refused it: ${reason}`, reason, cause);
}

/** More than any field that is not counted takes on the wire. */
const fixedBytes = 96;
export const bytesAListItem = 6;
/** Left free for ids and the like when entries are put together to commands. */
const batchReserve = 1024;

/** An upper bound of the encoded size, near enough. */
function sizeOf(target: StorageTarget, command: CommandInit, self: MemberId): number {
  let size = fixedBytes + 3 * (self.length + target.id.length) + (command.prevValue?.length ?? 0);
  size += 3 * (command.dedupId?.length ?? 0) + 8 * (command.tickets?.length ?? 0);
  for (const key of command.keys ?? []) size += key.length + bytesAListItem;
  for (const value of command.values ?? []) size += value.length + bytesAListItem;
  return size;
}

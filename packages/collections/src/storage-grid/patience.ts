import { requireWait } from '../arguments.js';
import type { Clock } from '../clock.js';
import type { CallOptions } from '../session/call.js';
import type { CallEnding } from './call-order.js';

/** While those who were asked say that they work on it, a call goes on until so many times its first time has passed. */
const longestWait = 12;

/** How a wait ends without an outcome. */
export interface WaitEnd {
  /** Its time is over; or its signal was aborted, and then the cause is there. */
  readonly unanswered: (cause: unknown) => Error;
  /** When it was last known that all for whom it waits work on it. */
  readonly workedOnAt?: () => number;
}

/** How long one call waits. Ended by its time, its signal, or its outcome. */
export class Patience implements CallEnding {
  readonly #clock: Clock;
  readonly #timeoutInMs: number;
  readonly #lastAt: number;
  readonly #signal: AbortSignal | undefined;
  readonly #deadline: number;
  #stopWaiting: (() => void) | undefined;
  #end: WaitEnd | undefined;
  #reject: ((error: Error) => void) | undefined;
  #onOver: (() => void) | undefined;
  #ended: boolean;
  #handedOver = false;
  #givenUp = false;

  /**
   * @param defaultInMs where the options have none; only then it goes on while it is worked on
   * @throws OptionError
   */
  constructor(clock: Clock, defaultInMs: number, options: CallOptions | undefined) {
    requireWait(options);
    const now = clock.now();
    this.#clock = clock;
    this.#signal = options?.signal;
    this.#timeoutInMs = options?.timeoutInMs ?? defaultInMs;
    this.#deadline = now + this.#timeoutInMs;
    this.#lastAt = options?.timeoutInMs === undefined ? now + this.#timeoutInMs * longestWait : this.#deadline;
    this.#ended = this.#signal?.aborted === true;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether somebody else ends the call in time. */
  get handedOver(): boolean {
    return this.#handedOver;
  }

  /** Whether its time, or its signal, ended it before its outcome. */
  get givenUp(): boolean {
    return this.#givenUp;
  }

  /** Called back when it has ended, by whatever. */
  whenOver(callback: () => void): void {
    if (this.#ended) return callback();
    const before = this.#onOver;
    this.#onOver =
      before === undefined
        ? callback
        : () => {
            before();
            callback();
          };
  }

  /** Resolves or rejects with the work, or rejects with `unanswered` when this is over before. */
  limit<T>(work: Promise<T>, end: WaitEnd): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#end = end;
      this.#reject = reject;
      work.then(
        (outcome) => {
          this.#over();
          resolve(outcome);
        },
        (error: unknown) => {
          this.#over();
          reject(error);
        },
      );
      if (this.#ended) this.#giveUp(this.#signal?.reason);
      else if (!this.#handedOver) this.#wait();
    });
  }

  /** From now on somebody else ends the call, by these options: with what is left of its time. */
  handOver(): CallOptions {
    this.#handedOver = true;
    this.#stopWaiting?.();
    const timeoutInMs = Math.max(0, this.#deadline - this.#clock.now());
    return this.#signal === undefined ? { timeoutInMs } : { timeoutInMs, signal: this.#signal };
  }

  /** Nothing will come of the work any more. */
  fail(error: Error): void {
    if (this.#handedOver) return;
    this.#reject?.(error);
    this.#over();
  }

  #wait(): void {
    let cancelTimer: () => void;
    const until = (deadline: number): void => {
      cancelTimer = this.#clock.setTimer(
        () => {
          const later = Math.min(
            this.#lastAt,
            (this.#end?.workedOnAt?.() ?? Number.NEGATIVE_INFINITY) + this.#timeoutInMs,
          );
          if (later > this.#clock.now()) until(later);
          else this.#giveUp(undefined);
        },
        Math.max(0, deadline - this.#clock.now()),
      );
    };
    until(this.#deadline);
    const signal = this.#signal;
    const onAbort = (): void => this.#giveUp(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#stopWaiting = () => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
    };
  }

  #giveUp(cause: unknown): void {
    this.#givenUp = true;
    if (this.#end !== undefined) this.fail(this.#end.unanswered(cause));
  }

  #over(): void {
    this.#ended = true;
    this.#stopWaiting?.();
    this.#onOver?.();
    this.#onOver = undefined;
  }
}

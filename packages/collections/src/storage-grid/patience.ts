import { requireWait } from '../arguments.js';
import type { Clock } from '../clock.js';
import type { CallOptions } from '../session/call.js';
import type { CallEnding } from './call-order.js';

/** Whoever is asked may ask for more time, until so many times the first has passed. */
const longestWait = 12;

/** How long one call waits. Ended by its time, its signal, or its outcome. */
export class Patience implements CallEnding {
  readonly #clock: Clock;
  readonly #timeoutInMs: number;
  readonly #lastAt: number;
  readonly #signal: AbortSignal | undefined;
  #deadline: number;
  #stopWaiting: (() => void) | undefined;
  #onEnd: ((cause: unknown) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  #onOver: (() => void) | undefined;
  #ended: boolean;
  #handedOver = false;

  /**
   * @param defaultInMs where the options have none; only then may it be prolonged
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

  /** Called back when it has ended, by whatever. For one. */
  whenOver(callback: () => void): void {
    if (this.#ended) callback();
    else this.#onOver = callback;
  }

  /** Resolves or rejects with the work, or rejects with what `onEnd` gives when this is over before. */
  limit<T>(work: Promise<T>, onEnd: (cause: unknown) => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#onEnd = (cause) => reject(onEnd(cause));
      work.then(
        (outcome) => {
          this.#end();
          resolve(outcome);
        },
        (error: unknown) => {
          this.#end();
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
    this.#end();
  }

  /** Somebody still works on it. */
  prolong(): void {
    this.#deadline = Math.min(this.#lastAt, Math.max(this.#deadline, this.#clock.now() + this.#timeoutInMs));
  }

  #wait(): void {
    let cancelTimer: () => void;
    const arm = (): void => {
      cancelTimer = this.#clock.setTimer(
        () => {
          if (this.#clock.now() < this.#deadline) arm();
          else this.#giveUp(undefined);
        },
        Math.max(0, this.#deadline - this.#clock.now()),
      );
    };
    arm();
    const signal = this.#signal;
    const onAbort = (): void => this.#giveUp(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#stopWaiting = () => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
    };
  }

  #giveUp(cause: unknown): void {
    this.#onEnd?.(cause);
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#stopWaiting?.();
    this.#onOver?.();
    this.#onOver = undefined;
  }
}
